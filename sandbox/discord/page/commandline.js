// A command that is being filled in: its name, a field for each option, and at the end an input that adds options.

import { OPTION, optionBegun, typed } from "./commands.js";
import { h } from "./dom.js";
import { Draft, isEmpty, overlong, pick, problem } from "./draft.js";
import { fieldElement } from "./fields.js";

export class CommandLine {
  constructor(store, suggestions, { send, leave, notify }) {
    this.store = store;
    this.suggestions = suggestions;
    this.listbox = suggestions.listbox;
    this.send = send;
    this.leave = leave;
    this.notify = notify;
    this.tail = h("input", { class: "tail", role: "combobox", "aria-label": "Add an option", "aria-expanded": "false", autocomplete: "off", oninput: () => this.onTail(), onclick: () => this.offerOptions(), onblur: () => this.suggestions.stop(), onkeydown: (event) => this.onTailKey(event), onpaste: (event) => this.onPaste(event) });
    this.picker = h("input", { type: "file", hidden: true, onchange: () => this.takeFiles([...this.picker.files], this.pickingFor) });
    this.name = h("span", { class: "command-chip" });
    this.fieldBox = h("span", { class: "fields" });
    this.element = h("div", { class: "command-line", role: "group", "aria-label": "Command", hidden: true, onclick: (event) => event.target === this.element && this.tail.focus(), onpaste: (event) => this.onPaste(event) }, this.name, this.fieldBox, this.tail, this.picker);
  }

  get open() {
    return !this.element.hidden;
  }

  begin(command, values, { rest = "", files = {} } = {}) {
    this.draft = new Draft(command);
    this.elements = new Map();
    this.name.textContent = `/${command.shown}`;
    this.element.hidden = false;
    for (const [name, text] of Object.entries(values)) this.settle(this.draft.add(name), text);
    for (const [name, file] of Object.entries(files)) this.draft.add(name).file = file;
    this.tail.value = rest;
    this.draw();
    this.focusNext(this.lastText(values));
  }

  /** Return the text typed last, so that typing can continue. */
  lastText(values) {
    const field = Object.keys(values).map((name) => this.draft.field(name)).at(-1);
    return field?.option.type === OPTION.string && field.value === null ? field : null;
  }

  /** Accept a typed value; if it matches a known choice, use that choice. */
  settle(field, text) {
    Object.assign(field, { text, value: null, error: "" });
    const known = this.suggestions.known(field.option)?.find((one) => [one.text, one.secondary, String(one.value)].some((name) => name?.toLowerCase().replace(/^[@#]/, "") === text.toLowerCase().replace(/^[@#]/, "")));
    if (known && text) pick(field, known);
  }

  close() {
    if (this.open) this.suggestions.stop();
    this.element.hidden = true;
    this.draft = null;
    this.tail.value = "";
  }

  draw() {
    for (const field of this.draft.fields) if (!this.elements.has(field)) this.elements.set(field, this.makeField(field));
    for (const field of this.elements.keys()) if (!this.draft.fields.includes(field)) this.elements.delete(field);
    const wanted = this.draft.fields.map((field) => this.elements.get(field));
    this.place(wanted.map((one) => one.box));
    for (const one of wanted) one.show();
    const rest = this.draft.rest.length;
    this.tail.placeholder = rest ? `+ ${rest} optional` : "";
    this.tail.readOnly = rest === 0;
  }

  /** Add and remove fields without moving the others, which would lose their focus. */
  place(boxes) {
    const { children } = this.fieldBox;
    for (const one of [...children]) if (!boxes.includes(one)) one.remove();
    boxes.forEach((one, index) => children[index] !== one && this.fieldBox.insertBefore(one, children[index] ?? null));
  }

  makeField(field) {
    return fieldElement(field, {
      input: (text) => this.onFieldInput(field, text),
      focus: () => this.offer(field),
      blur: () => this.onBlur(field),
      key: (event) => this.onFieldKey(event, field),
      remove: () => this.remove(field),
      press: () => (this.listbox.open ? null : this.offer(field)),
    });
  }

  offer(field) {
    const element = this.elements.get(field)?.control;
    if (!element) return;
    const picked = (value) => this.onPicked(field, value);
    this.suggestions.offer(this.draft, field, element, picked, () => this.browse(field));
  }

  /** Move to a field that is wrong. Its error is also shown above the composer, where even a long text does not hide it. */
  show(field) {
    this.elements.get(field).control.focus();
    this.offer(field);
  }

  onFieldInput(field, text) {
    const begun = optionBegun(this.draft.command.options, text);
    if (begun && this.begins(field, begun)) {
      this.settle(field, begun.before);
      this.draw();
      return this.add(begun.option);
    }
    Object.assign(field, { text, value: null });
    field.error = overlong(field);
    this.draw();
    return this.offer(field);
  }

  /** Move to the option that is typed as `name:`; ignore the field's own name at its beginning. */
  begins(field, { option, before }) {
    if (option.name === field.option.name) return !before;
    const known = this.draft.field(option.name);
    return !known || isEmpty(known);
  }

  onPicked(field, value) {
    if (value instanceof File) Object.assign(field, { file: value, error: "" });
    else pick(field, value);
    this.suggestions.stop();
    this.draw();
    this.focusNext();
  }

  onBlur(field) {
    this.suggestions.stop();
    if (!this.draft?.fields.includes(field) || isEmpty(field)) return;
    field.error = problem(field);
    this.draw();
  }

  focusNext(otherwise = null) {
    const next = this.draft.fields.find((one) => isEmpty(one)) ?? otherwise;
    const target = next ? this.elements.get(next).control : this.tail;
    target.focus();
    target.setSelectionRange?.(target.value.length, target.value.length);
    if (target === this.tail && !this.draft.fields.length) this.offerOptions();
  }

  add(option) {
    const field = this.draft.add(option.name);
    this.tail.value = "";
    this.draw();
    this.elements.get(field).control.focus();
  }

  remove(field) {
    const at = this.draft.fields.indexOf(field);
    this.draft.remove(field);
    this.draw();
    const before = this.draft.fields[at - 1];
    (before ? this.elements.get(before).control : this.tail).focus();
  }

  onFieldKey(event, field) {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.listbox.open && this.listbox.move(step)) event.preventDefault();
    else if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") this.onConfirm(event, field);
    else if (event.key === "Escape") this.onEscape(event);
    else if (event.key === "Backspace" && isEmpty(field)) this.onBackspace(event, field);
    else if (event.key === "Backspace" && field.file) Object.assign(field, { file: null }), this.draw(), this.offer(field);
  }

  /** On Enter or Tab, choose the highlighted item; without one, Enter sends and Tab moves the focus as usual. */
  onConfirm(event, field) {
    const { active } = this.listbox;
    if (active && !event.shiftKey && field.value === null) {
      event.preventDefault();
      active.pick();
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.submit();
    }
  }

  onEscape(event) {
    event.preventDefault();
    if (this.listbox.open) this.suggestions.stop();
    else this.leave(this.draft.line.replace(/ .*/s, ""));
  }

  onBackspace(event, field) {
    event.preventDefault();
    if (!field.option.required) return this.remove(field);
    const at = this.draft.fields.indexOf(field);
    if (at > 0) return this.elements.get(this.draft.fields[at - 1]).control.focus();
    return this.leave(`/${this.draft.command.shown}`);
  }

  offerOptions() {
    const query = this.tail.value.trim().toLowerCase();
    const rest = this.draft.rest.filter((one) => one.shown.includes(query) || one.name.includes(query));
    if (!this.draft.rest.length) return this.suggestions.stop();
    const items = rest.map((one) => ({ primary: one.shown, secondary: one.description, pick: () => this.add(one) }));
    return this.listbox.show({ field: this.tail, title: "Options", hint: "Enter sends · arrows choose", items, note: items.length ? "" : "No option has this name", first: query ? 0 : -1 });
  }

  onTail() {
    const begun = optionBegun(this.draft.rest, this.tail.value);
    if (begun) return this.add(begun.option);
    const read = this.tail.value.includes(":") && typed([this.draft.command], `/${this.draft.command.path} ${this.tail.value}`);
    if (!read || !Object.keys(read.values).length) return this.offerOptions();
    for (const [name, text] of Object.entries(read.values)) this.settle(this.draft.add(name), text);
    this.tail.value = read.rest;
    this.draw();
    return this.focusNext();
  }

  onTailKey(event) {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (!this.listbox.open) this.offerOptions();
      this.listbox.move(step);
    } else if (event.key === "Escape") this.onEscape(event);
    else if (event.key === "Backspace" && !this.tail.value) this.onTailBackspace(event);
    else if (event.key === "Enter" || (event.key === "Tab" && this.listbox.active && !event.shiftKey)) {
      event.preventDefault();
      if (this.listbox.active) this.listbox.active.pick();
      else this.submit();
    }
  }

  onTailBackspace(event) {
    event.preventDefault();
    const last = this.draft.fields.at(-1);
    if (last) this.elements.get(last).control.focus();
    else this.leave(`/${this.draft.command.shown}`);
  }

  browse(field) {
    this.pickingFor = field;
    this.picker.value = "";
    this.picker.click();
  }

  /** Put files into the free file options: this field, then those shown, then others. */
  takeFiles(files, first = null) {
    this.pickingFor = null;
    for (const file of files) {
      const free = this.draft.fields.find((one) => one.option.type === OPTION.attachment && !one.file);
      const further = this.draft.rest.find((one) => one.type === OPTION.attachment);
      const field = first ?? free ?? (further && this.draft.add(further.name));
      if (!field) return this.notify("This command accepts no more files.");
      Object.assign(field, { file, error: "" });
      first = null;
    }
    this.draw();
    return this.focusNext();
  }

  onPaste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    event.stopPropagation();
    this.takeFiles(files);
  }

  submit() {
    if (this.tail.value.trim()) {
      this.notify(`“${this.tail.value.trim()}” belongs to no option of /${this.draft.command.shown}.`);
      return this.tail.focus();
    }
    for (const field of this.draft.fields.filter((one) => isEmpty(one) && !one.option.required)) this.draft.remove(field);
    const wrong = this.draft.check();
    this.draw();
    if (wrong) return this.show(wrong);
    this.suggestions.stop();
    return this.send(this.draft);
  }
}
