// Passkeys: a form with data-passkey asks the device for a credential, fills it in and goes on.
// Sections that only make sense with passkeys stay hidden where the browser has none.
// A passkey belongs to a name: at a bare IP address no browser makes one.
const json = window.webauthnJSON;
const hasName = !/^[\d.]+$|:/.test(location.hostname);

async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(document.getElementById(form.dataset.options).textContent);
  const answer = await fetch(form.dataset.optionsUrl, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error("no options");
  return answer.json();
}

async function credentialFor(form) {
  const options = await optionsOf(form);
  if (form.dataset.passkey === "get") return json.get(options.request_options);
  const creation = options.creation_options;
  Object.assign(creation.publicKey.authenticatorSelection, {
    residentKey: "required",
    requireResidentKey: true,
    userVerification: "required",
  });
  return json.create(creation);
}

if (json && json.supported() && hasName) {
  document.querySelectorAll("[data-passkey-section]").forEach((section) => (section.hidden = false));
  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const failed = form.querySelector("[data-passkey-failed]");
      failed.hidden = true;
      try {
        form.elements.credential.value = JSON.stringify(await credentialFor(form));
        form.submit();
      } catch {
        failed.hidden = false;
      }
    });
  });
}
