// Looks now and then how far long work is, for an hour; without it there is a link that does the same.
const wait = 5000;
const until = Date.now() + 3_600_000;

const name = (details) => details.querySelector("summary").textContent;

const replace = (run, next) => {
  const open = [...run.querySelectorAll("details[open]")].map(name);
  for (const details of next.querySelectorAll("details")) details.open = open.includes(name(details));
  run.replaceWith(next);
  document.querySelector("#said").textContent = next.dataset.said;
};

const look = async () => {
  const run = document.querySelector("#run");
  const answer = await fetch(location.href).catch(() => null);
  const page = new DOMParser().parseFromString(answer?.ok ? await answer.text() : "", "text/html");
  const next = page.querySelector("#run");
  if (next && next.dataset.state !== run.dataset.state) {
    replace(run, next);
  } else if (next?.querySelector("progress")) {
    run.querySelector("progress").value = next.querySelector("progress").value;
    const [said, says] = [run, next].map((one) => one.querySelector("[role=status]"));
    if (said.textContent !== says.textContent) said.textContent = says.textContent;
  }
  if (document.querySelector("#run progress") && Date.now() < until) setTimeout(look, wait);
};

setTimeout(look, wait);
