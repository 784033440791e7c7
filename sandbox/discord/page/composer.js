// The composer: plain messages and, after a slash, the list of commands. commandline.js fills in the options.

import * as api from "./api.js";
import { bytes } from "./attachments.js";
import { CommandLine } from "./commandline.js";
import { isAmbiguous, matching, typed, usable } from "./commands.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { Listbox } from "./listbox.js";
import { CAN, DM } from "./store.js";
import { Suggestions } from "./suggestions.js";

export class Composer {
  constructor(root, store, { messages, runCommand, notify }) {
    this.store = store;
    this.messages = messages;
    this.notify = notify;
    this.files = [];
    this.listbox = new Listbox(root);
    this.suggestions = new Suggestions(store, this.listbox);
    this.line = new CommandLine(store, this.suggestions, { send: (draft) => this.sendCommand(draft, runCommand), leave: (text) => this.toText(text), notify });
    this.build(root);
    store.on("world", () => this.showState());
    store.on("channel", () => this.toText(""));
    store.on("me", () => this.toText(""));
  }

  build(root) {
    this.box = h("textarea", {
      id: "message",
      rows: 1,
      role: "combobox",
      "aria-expanded": "false",
      "aria-autocomplete": "list",
      autocomplete: "off",
      oninput: () => this.onInput(),
      onkeydown: (event) => this.onKey(event),
      onblur: () => this.suggestions.stop(),
      onfocus: () => this.onInput(),
      onpaste: (event) => this.onPaste(event),
    });
    this.grow = h("span", { class: "grow-text" }, this.box);
    this.picker = h("input", { type: "file", multiple: true, hidden: true, onchange: () => this.addFiles(this.picker.files) });
    this.tray = h("div", { class: "tray" });
    this.attach = h("button", { type: "button", class: "composer-button", "aria-label": "Attach files to a message", title: "Attach files", onclick: () => this.picker.click() }, icon("plus"));
    this.slash = h("button", { type: "button", class: "composer-button", "aria-label": "Use a command", title: "Commands", onclick: () => this.toText("/") }, icon("apps"));
    this.sendButton = h("button", { type: "button", class: "composer-button send", "aria-label": "Send", title: "Send", onclick: () => this.submit() }, icon("send"));
    this.bar = h("div", { class: "composer-bar" }, this.attach, this.grow, this.line.element, this.slash, this.sendButton, this.picker);
    this.refused = h("div", { class: "composer-refused", hidden: true }, "You do not have permission to send messages in this channel.");
    root.append(this.tray, this.bar, this.refused);
    this.dropOn(document.body);
    document.addEventListener("keydown", (event) => this.typedOutside(event));
  }

  /** Take what is typed while nothing has the focus, as Discord does. */
  typedOutside(event) {
    const types = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!types || document.activeElement !== document.body || document.querySelector("dialog[open]")) return;
    if (this.line.element.hidden) this.box.focus();
    else this.line.tail.focus();
  }

  get commands() {
    return usable(this.store.world.commands ?? [], this.store.person(this.store.me)?.locale);
  }

  showState() {
    const { channel } = this.store;
    const may = channel?.type === DM || this.store.can(channel?.thread_metadata ? CAN.sendInThreads : CAN.send);
    const name = channel?.type === DM ? `@${this.store.botName}` : `#${channel?.name ?? ""}`;
    this.box.placeholder = `Message ${name}, or type / for commands`;
    this.box.setAttribute("aria-label", `Message ${name}`);
    this.bar.hidden = !may;
    this.refused.hidden = may;
    if (this.listbox.open && this.listbox.field === this.box) this.onInput();
  }

  /** Return to plain text. */
  toText(text) {
    this.line.close();
    this.grow.hidden = false;
    this.attach.hidden = this.slash.hidden = false;
    this.box.value = text;
    this.grow.dataset.text = text;
    if (text || document.activeElement === document.body) this.box.focus();
    if (text) this.onInput();
  }

  /** Begin a command with these values filled in. */
  startCommand(command, values = {}, { rest = "", files = {} } = {}) {
    this.grow.hidden = true;
    this.attach.hidden = this.slash.hidden = true;
    this.box.value = this.grow.dataset.text = "";
    this.line.begin(command, values, { rest, files });
  }

  /** Start the command with this path; show a notice if the member may not use it. */
  startPath(path, values, more) {
    const command = this.commands.find((one) => one.path === path);
    if (command) this.startCommand(command, values, more);
    else this.notify(`/${path} cannot be used here.`);
  }

  onInput() {
    const text = this.box.value;
    this.grow.dataset.text = text;
    if (!text.startsWith("/")) return this.suggestions.stop();
    const read = /\s/.test(text) && !isAmbiguous(this.commands, text) && typed(this.commands, text);
    if (read) return this.startCommand(read.command, read.values, { rest: read.rest });
    return this.offerCommands(text.slice(1));
  }

  offerCommands(query) {
    const found = matching(this.commands, query);
    const items = found.map((one) => ({ primary: `/${one.shown}`, secondary: one.description, aside: this.store.botName, command: one, pick: () => this.startCommand(one) }));
    this.listbox.show({ field: this.box, title: query ? `Commands matching /${query}` : "Commands", hint: `${found.length}`, items, note: items.length ? "" : "No command matches. Is the bot running?" });
  }

  onKey(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (this.listbox.open) {
      this.onListKey(event);
    }
  }

  onListKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.listbox.move(step)) event.preventDefault();
    else if (event.key === "Tab" && this.listbox.active) {
      event.preventDefault();
      this.listbox.active.pick();
    } else if (event.key === "Escape") this.suggestions.stop();
  }

  submit() {
    if (this.line.open) return this.line.submit();
    const text = this.box.value.trim();
    const exact = this.commands.find((one) => text === `/${one.shown}` || text === `/${one.path}`);
    if (exact && !exact.options.some((one) => one.required)) {
      this.startCommand(exact);
      return this.line.submit();
    }
    if (this.listbox.active) return this.listbox.active.pick();
    return this.sendMessage(text);
  }

  async sendCommand(draft, runCommand) {
    const { command, values } = draft;
    const files = await Promise.all(Object.entries(draft.files).map(async ([name, file]) => [name, await api.encoded(file)]));
    const running = runCommand(command, values, Object.fromEntries(files));
    this.toText("");
    this.box.focus();
    await running;
  }

  async sendMessage(text) {
    if (!text && !this.files.length) return;
    const files = this.files;
    this.files = [];
    this.box.value = this.grow.dataset.text = "";
    this.showTray();
    try {
      await api.post("messages", { user: this.store.me, channel: this.store.channelId, content: text, files: await Promise.all(files.map(api.encoded)) });
    } catch (error) {
      this.notify(error.message);
      this.box.value = this.grow.dataset.text = text;
      this.files = files;
      this.showTray();
    }
  }

  addFiles(files) {
    if (this.line.open) this.line.takeFiles([...files]);
    else this.files.push(...files);
    this.picker.value = "";
    this.showTray();
  }

  showTray() {
    const cards = this.files.map((file, index) =>
      h("div", { class: "tray-file" }, icon("file"), h("span", {}, file.name), h("small", {}, bytes(file.size)), h("button", { type: "button", "aria-label": `Remove ${file.name}`, onclick: () => { this.files.splice(index, 1); this.showTray(); } }, icon("close"))),
    );
    fill(this.tray, cards);
  }

  onPaste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    this.addFiles(files);
  }

  dropOn(place) {
    const over = (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      place.classList.toggle("dropping", event.type === "dragover");
    };
    place.addEventListener("dragover", over);
    place.addEventListener("dragleave", over);
    place.addEventListener("drop", (event) => {
      over(event);
      if (event.dataTransfer?.files.length) this.addFiles(event.dataTransfer.files);
    });
  }
}
