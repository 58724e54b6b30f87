// Sliders beside the figures of a proposal, and what it does at every change; without it there is a button.
const form = document.querySelector("[data-try]");
const steps = {EUR: 5, hours: 0.5, years: 1, number: 0.05};
const least = {EUR: 500, hours: 40, years: 80, number: 1};

const value = field => Number(field.value.replace(",", "."));

for (const field of form.querySelectorAll("[data-figure]")) {
  const unit = field.dataset.figure;
  if (Number.isNaN(value(field))) continue;
  const slider = document.createElement("input");
  slider.type = "range";
  slider.className = "slider";
  slider.min = 0;
  slider.max = Math.max(least[unit], 2 * value(field));
  slider.step = steps[unit];
  slider.value = value(field);
  slider.setAttribute("aria-label", form.querySelector(`label[for="${field.id}"]`).textContent);
  slider.addEventListener("input", () => {
    field.value = unit === "EUR" ? Number(slider.value).toFixed(2) : slider.value;
  });
  field.addEventListener("input", () => { slider.value = value(field); });
  field.after(slider);
}

let asked = 0;
form.addEventListener("change", async () => {
  const mine = ++asked;
  const data = new FormData(form);
  data.set("action", "try");
  const answer = await fetch(location.href, {method: "POST", body: data, redirect: "manual"});
  if (mine !== asked) return;
  const page = new DOMParser().parseFromString(answer.ok ? await answer.text() : "", "text/html");
  const said = document.querySelector("#said");
  const found = page.querySelector("#outcome");
  // What is wrong is said when the button is pressed.
  const isOld = !found || page.querySelector("[data-focus]") !== null;
  said.classList.toggle("visually-hidden", !isOld);
  if (!isOld) {
    const name = (details) => details.querySelector("summary").textContent;
    const open = [...document.querySelectorAll("#outcome details[open]")].map(name);
    for (const one of found.querySelectorAll("details")) one.open = open.includes(name(one));
    document.querySelector("#outcome").replaceWith(found);
  }
  said.textContent = isOld ? said.dataset.old : (found.querySelector("#nothing-title") ?? found.querySelector("figcaption")).textContent;
});
