// Looks now and then how far long work is; without it there is a link that does the same.
const wait = 5000;

const look = async () => {
  const run = document.querySelector("#run");
  const answer = await fetch(location.href).catch(() => null);
  const page = new DOMParser().parseFromString(answer?.ok ? await answer.text() : "", "text/html");
  const next = page.querySelector("#run");
  if (next && next.dataset.state !== run.dataset.state) {
    run.replaceWith(next);
    document.querySelector("#said").textContent = next.dataset.said;
  } else if (next?.querySelector("progress")) {
    run.querySelector("progress").value = next.querySelector("progress").value;
    run.querySelector("[role=status]").textContent = next.querySelector("[role=status]").textContent;
  }
  if (document.querySelector("#run progress")) setTimeout(look, wait);
};

setTimeout(look, wait);
