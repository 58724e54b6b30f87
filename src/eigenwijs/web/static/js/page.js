// Puts the reader at what went wrong; everything works without it.
document.querySelector("[data-focus]")?.focus();
