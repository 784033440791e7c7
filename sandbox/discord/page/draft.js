// The data of a command that is being filled in: its fields, their errors, and the values to send. Pure except for files.

import { OPTION } from "./commands.js";

const WHOLE = /^[+-]?\d+$/;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)$/;

export class Draft {
  constructor(command) {
    this.command = command;
    this.fields = command.options.filter((one) => one.required).map(newField);
  }

  /** Return the options that have no field yet. */
  get rest() {
    return this.command.options.filter((one) => !this.field(one.name));
  }

  field(name) {
    return this.fields.find((one) => one.option.name === name);
  }

  add(name) {
    const known = this.field(name);
    if (known) return known;
    const field = newField(this.command.options.find((one) => one.name === name));
    this.fields.push(field);
    return field;
  }

  remove(field) {
    this.fields = this.fields.filter((one) => one !== field);
  }

  /** Return the command with its values as typed text. */
  get line() {
    const written = this.fields.filter((one) => one.text).map((one) => `${one.option.shown}:${one.text}`);
    return [`/${this.command.shown}`, ...written].join(" ");
  }

  /** Validate all fields and return the first invalid one. */
  check() {
    for (const field of this.fields) field.error = problem(field);
    return this.fields.find((one) => one.error);
  }

  /** Return the values to send; files are not encoded yet. */
  get values() {
    const filled = this.fields.filter((one) => one.option.type !== OPTION.attachment && !isEmpty(one));
    return Object.fromEntries(filled.map((one) => [one.option.name, sent(one)]));
  }

  get files() {
    return Object.fromEntries(this.fields.filter((one) => one.file).map((one) => [one.option.name, one.file]));
  }
}

function newField(option) {
  return { option, text: "", value: null, file: null, error: "" };
}

/** Fill a field with a chosen item: `value` is sent, `text` is shown. */
export function pick(field, { text, value }) {
  Object.assign(field, { text, value, error: "" });
}

export function isEmpty(field) {
  return field.option.type === OPTION.attachment ? !field.file : field.value === null && field.text.trim() === "";
}

function sent(field) {
  const { type } = field.option;
  if (field.value !== null) return field.value;
  const text = field.text.trim();
  if (type === OPTION.integer || type === OPTION.number) return Number(text);
  if (type === OPTION.boolean) return /^t(rue)?$/i.test(text);
  return text;
}

/** Return the error that Discord's client would show for a field; empty if it is valid. */
export function problem(field) {
  const { option } = field;
  if (isEmpty(field)) return option.required ? "This option is required. Specify a value" : "";
  if (field.value !== null || option.type === OPTION.attachment) return "";
  const text = field.text.trim();
  if (option.choices?.length) return "Choose one from the list";
  switch (option.type) {
    case OPTION.string:
      return length(option, text);
    case OPTION.integer:
      return WHOLE.test(text) ? range(option, Number(text)) : "Input a valid whole number";
    case OPTION.number:
      return DECIMAL.test(text) ? range(option, Number(text)) : "Input a valid number";
    case OPTION.boolean:
      return /^(t(rue)?|f(alse)?)$/i.test(text) ? "" : "Must be true or false";
    default:
      return "Choose one from the list";
  }
}

/** Return the error of a text that is longer than its option allows, so that it can be shown while it is typed. */
export function overlong({ option, text, value }) {
  const isText = option.type === OPTION.string && value === null && !option.choices?.length;
  return isText ? length({ max_length: option.max_length }, text.trim()) : "";
}

function length({ min_length: least = 0, max_length: most = 6000 }, text) {
  if (text.length < least) return `Must be at least ${least} characters`;
  return text.length > most ? `Must be at most ${most} characters (has ${text.length})` : "";
}

function range({ min_value: least, max_value: most }, number) {
  const low = least !== undefined && number < least;
  const high = most !== undefined && number > most;
  if (!low && !high) return "";
  if (least !== undefined && most !== undefined) return `Must be between ${least} and ${most}`;
  return low ? `Must be at least ${least}` : `Must be at most ${most}`;
}
