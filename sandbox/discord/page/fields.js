// The fields of a command in the composer: a growing text box for each option, a slot for each file.

import { bytes } from "./attachments.js";
import { OPTION } from "./commands.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";

const KINDS = { [OPTION.integer]: "numeric", [OPTION.number]: "decimal" };

/** Make a field's element; `on` has the handlers input, focus, blur, key and clear. */
export function fieldElement(field, on) {
  const { option } = field;
  const control = option.type === OPTION.attachment ? slot(field, on) : growing(field, on);
  const error = h("span", { class: "field-error", id: `error-${option.name}`, role: "alert" });
  control.box.setAttribute("aria-describedby", error.id);
  const box = h(
    "span",
    { class: "field", role: "group", "aria-label": option.shown, data: { option: option.name } },
    h("span", { class: "field-name", onclick: () => control.box.focus() }, option.shown),
    control.element,
    !option.required && h("button", { type: "button", class: "field-remove", tabindex: "-1", "aria-label": `Remove ${option.shown}`, onclick: on.remove }, icon("close")),
    error,
  );
  return {
    box,
    control: control.box,
    show() {
      control.show();
      box.classList.toggle("wrong", Boolean(field.error));
      control.box.setAttribute("aria-invalid", field.error ? "true" : "false");
      error.textContent = field.error;
    },
  };
}

function growing(field, on) {
  const { option } = field;
  const box = h("textarea", {
    rows: 1,
    cols: 1,
    role: "combobox",
    "aria-label": `${option.shown}: ${option.description}`,
    "aria-expanded": "false",
    "aria-autocomplete": "list",
    "aria-required": option.required ? "true" : "false",
    inputmode: KINDS[option.type] ?? "text",
    autocomplete: "off",
    spellcheck: "false",
    oninput: () => on.input(box.value),
    onfocus: on.focus,
    onblur: on.blur,
    onkeydown: on.key,
  });
  const element = h("span", { class: "grow-text" }, box);
  const show = () => {
    if (box.value !== field.text) box.value = field.text;
    element.dataset.text = field.text;
    element.classList.toggle("picked", field.value !== null);
  };
  return { element, box, show };
}

function slot(field, on) {
  const box = h("button", { type: "button", class: "file-slot", "aria-label": `${field.option.shown}: ${field.option.description}`, "aria-expanded": "false", onfocus: on.focus, onblur: on.blur, onkeydown: on.key, onclick: on.press });
  let shown = null;
  const show = () => {
    if (shown === field.file && shown !== null) return;
    shown = field.file;
    fill(box, field.file ? [preview(field.file), h("span", { class: "file-name" }, field.file.name), h("small", {}, bytes(field.file.size))] : [icon("plus"), "Add a file"]);
  };
  return { element: box, box, show };
}

function preview(file) {
  if (!file.type.startsWith("image/")) return icon("file");
  const url = URL.createObjectURL(file);
  return h("img", { class: "thumb", src: url, alt: "", onload: () => URL.revokeObjectURL(url) });
}
