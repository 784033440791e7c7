// Shows and submits a modal: text inputs, and labels with selects, uploads, radio buttons and checkboxes.

import * as api from "./api.js";
import { ROW, TEXT_INPUT } from "./components.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { Select } from "./select.js";

const TEXT = 10, LABEL = 18, UPLOAD = 19, RADIO = 21, CHECKBOXES = 22, CHECKBOX = 23;
const PARAGRAPH = 2;
const LONGEST = 4000;

export class Modal {
  constructor(store, text) {
    this.store = store;
    this.text = text;
    this.dialog = h("dialog", { class: "modal", "aria-labelledby": "modal-title" });
    document.body.append(this.dialog);
  }

  /** Show a modal in a channel; resolves when it has been submitted or closed. */
  show(modal, channel) {
    this.inputs = [];
    this.problem = h("p", { class: "modal-problem", role: "alert" });
    const form = h(
      "form",
      { method: "dialog", novalidate: true, onsubmit: (event) => this.submit(event, modal, channel), oninput: () => this.checkAgain() },
      h("header", {}, h("img", { class: "avatar small", src: `/avatars/${this.store.world.bot.id}/0.png`, alt: "" }), h("h2", { id: "modal-title" }, modal.title), h("button", { type: "button", class: "quiet", "aria-label": "Close", onclick: () => this.dialog.close() }, icon("close"))),
      h("div", { class: "modal-body" }, modal.components.map((one) => this.part(one)), this.problem),
      h("footer", {}, h("button", { type: "button", class: "button secondary", onclick: () => this.dialog.close() }, "Cancel"), h("button", { type: "submit", class: "button primary" }, "Submit")),
    );
    fill(this.dialog, form);
    this.dialog.showModal();
    this.inputs[0]?.focus();
  }

  part(one) {
    switch (one.type) {
      case TEXT:
        return this.text.content(one.content);
      case ROW:
        return one.components.map((each) => this.labelled(each.label, "", each));
      case LABEL:
        return this.labelled(one.label, one.description, one.component);
      default:
        return null;
    }
  }

  labelled(label, description, control) {
    const required = control.type !== CHECKBOX && control.required !== false;
    const id = `modal-${control.custom_id}`;
    const error = h("div", { class: "field-error", role: "alert" });
    const input = this.input(control, id);
    this.inputs.push({ ...input, control, required, error, label });
    return h("div", { class: "modal-field" }, h("label", { for: id }, label, required && h("span", { class: "required", title: "required" }, " *")), description && h("div", { class: "muted" }, description), input.element, error);
  }

  input(control, id) {
    switch (control.type) {
      case TEXT_INPUT:
        return textInput(control, id);
      case UPLOAD:
        return upload(control, id);
      case RADIO:
        return group(control, id, "radio");
      case CHECKBOXES:
        return group(control, id, "checkbox");
      case CHECKBOX:
        return checkbox(control, id);
      default:
        return this.select(control, id);
    }
  }

  select(control, id) {
    const select = new Select(this.store, { min_values: control.required === false ? 0 : 1, ...control }, { chosen: () => this.checkAgain() });
    select.face.id = id;
    select.face.removeAttribute("aria-label");  // its field's label names it
    return { element: select.element, focus: () => select.face.focus(), read: () => select.values, problem: (required) => (required && !select.values.length ? "Make a selection" : "") };
  }

  async submit(event, modal, channel) {
    event.preventDefault();
    for (const one of this.inputs) one.error.textContent = one.problem(one.required);
    const wrong = this.inputs.find((one) => one.error.textContent);
    if (wrong) return wrong.focus();
    try {
      const state = await api.interact({ user: this.store.me, channel, type: "modal", custom_id: modal.custom_id, values: this.values(), files: await this.files() });
      if (state.state === "failed") throw new Error("Something went wrong. Try again.");
      return this.dialog.close();
    } catch (error) {
      this.problem.textContent = error.message;
      return undefined;
    }
  }

  /** Validate an invalid field again while it is corrected. */
  checkAgain() {
    for (const one of this.inputs) if (one.error.textContent) one.error.textContent = one.problem(one.required);
  }

  values() {
    return Object.fromEntries(this.inputs.filter((one) => one.control.type !== UPLOAD).map((one) => [one.control.custom_id, one.read()]));
  }

  async files() {
    const chosen = this.inputs.filter((one) => one.control.type === UPLOAD && one.read());
    return Object.fromEntries(await Promise.all(chosen.map(async (one) => [one.control.custom_id, await api.encoded(one.read())])));
  }
}

function textInput(control, id) {
  const most = control.max_length ?? LONGEST;
  const shared = { id, value: control.value ?? "", placeholder: control.placeholder, maxlength: most };
  const box = control.style === PARAGRAPH ? h("textarea", { rows: 4, ...shared }) : h("input", { type: "text", ...shared });
  const problem = (required) => {
    if (!box.value) return required ? "This is a required field" : "";
    return box.value.length < (control.min_length ?? 0) ? `Must be at least ${control.min_length} characters` : "";
  };
  return { element: box, focus: () => box.focus(), read: () => box.value, problem };
}

function upload(control, id) {
  const box = h("input", { type: "file", id });
  return { element: box, focus: () => box.focus(), read: () => box.files[0] ?? null, problem: (required) => (required && !box.files.length ? "Choose a file" : "") };
}

function group(control, id, type) {
  const boxes = control.options.map((one, index) => h("input", { type, name: id, id: index ? null : id, value: one.value, checked: Boolean(one.default) }));
  const rows = control.options.map((one, index) => h("label", { class: "check" }, boxes[index], h("span", {}, one.label, one.description && h("small", {}, one.description))));
  const chosen = () => boxes.filter((one) => one.checked).map((one) => one.value);
  const read = () => (type === "radio" ? (chosen()[0] ?? null) : chosen());
  return { element: h("div", { role: "group", class: "checks" }, rows), focus: () => boxes[0].focus(), read, problem: (required) => (required && !chosen().length ? "Make a selection" : "") };
}

function checkbox(control, id) {
  const box = h("input", { type: "checkbox", id, checked: Boolean(control.default) });
  return { element: box, focus: () => box.focus(), read: () => box.checked, problem: () => "" };
}
