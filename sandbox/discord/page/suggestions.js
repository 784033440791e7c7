// Suggestions for an option: its choices, the bot's autocomplete, people, roles, channels, pictures.

import * as api from "./api.js";
import { isPicture } from "./attachments.js";
import { OPTION } from "./commands.js";
import { debounce, h, safeUrl } from "./dom.js";
import { icon } from "./icons.js";
import { dot } from "./select.js";
import { avatarOf, capital, DM } from "./store.js";

const TYPING_MS = 180;
const MOST = 25;
const MOST_PICTURES = 12;

export class Suggestions {
  constructor(store, listbox) {
    this.store = store;
    this.listbox = listbox;
    this.requests = 0;
    this.askSoon = debounce(TYPING_MS, (...args) => this.ask(...args));
  }

  /** Ignore pending autocomplete answers and hide the list. */
  stop() {
    this.requests += 1;
    this.askSoon.cancel();
    this.listbox.hide();
  }

  /** Show the suggestions for a field; `picked` is called with `{text, value}`, or with a File for an attachment. */
  offer(draft, field, element, picked, pickFile) {
    const { option } = field;
    this.requests += 1;
    const show = (items, more = {}) => this.listbox.show({ field: element, title: option.shown, hint: option.description, error: field.error, items, ...more });
    if (option.autocomplete) return this.autocomplete(draft, field, picked, show);
    if (option.type === OPTION.attachment) return show(this.files(field, picked, pickFile), { first: -1 });
    const wanted = field.value === null ? field.text.trim().toLowerCase() : "";
    const items = this.known(option)?.filter((one) => [one.text, String(one.value)].some((name) => name.toLowerCase().includes(wanted)));
    if (!items) return show([], { first: -1 });
    return show(items.slice(0, MOST).map((one) => ({ ...one, primary: one.text, pick: () => picked(one) })), { note: items.length ? "" : "Nothing in the list matches" });
  }

  known(option) {
    if (option.choices?.length) return option.choices.map((one) => ({ text: one.name, value: one.value }));
    switch (option.type) {
      case OPTION.boolean:
        return [{ text: "True", value: true }, { text: "False", value: false }];
      case OPTION.user:
        return this.people();
      case OPTION.role:
        return this.roles();
      case OPTION.mentionable:
        return [...this.people(), ...this.roles()];
      case OPTION.channel:
        return this.channels(option);
      default:
        return null;
    }
  }

  people() {
    return this.store.guild.members.map((one) => ({ text: one.bot ? this.store.botName : capital(one.name), value: one.id, secondary: one.name, picture: h("img", { class: "avatar tiny", src: avatarOf(one.id), alt: "" }) }));
  }

  roles() {
    return this.store.guild.roles.map((one) => ({ text: `@${one.name.replace(/^@/, "")}`, value: one.id, picture: dot(one.color) }));
  }

  channels({ channel_types: types }) {
    const fitting = this.store.world.channels.filter((one) => one.type !== DM && (!types?.length || types.includes(one.type)));
    return fitting.map((one) => ({ text: `#${one.name}`, value: one.id }));
  }

  autocomplete(draft, field, picked, show) {
    show([], { note: "Loading options…" });
    const request = this.requests;
    this.askSoon(draft, field, (choices) => {
      if (request !== this.requests) return;
      const items = choices?.map((one) => ({ primary: one.name, pick: () => picked({ text: one.name, value: one.value }) }));
      if (!items) show([], { note: "Loading options failed" });
      else show(items, { note: items.length ? "" : "No options match your search", first: field.text.trim() ? 0 : -1 });
    });
  }

  async ask(draft, field, done) {
    const typed = { ...draft.values, [field.option.name]: field.text };
    const wanted = { type: "autocomplete", name: draft.command.path, options: typed, focused: field.option.name };
    const { me: user, guild, channelId: channel } = this.store;
    const state = await api.interact({ user, guild: guild.id, channel, ...wanted }).catch(() => null);
    done(state?.state === "acknowledged" ? state.choices : null);
  }

  files(field, picked, pickFile) {
    const upload = { primary: field.file ? "Choose another file…" : "Choose a file…", secondary: "or drop or paste one", picture: icon("plus"), pick: pickFile };
    return [upload, ...this.pictures().map((one) => this.pictureItem(one, picked))];
  }

  pictureItem({ file, author }, picked) {
    const thumbnail = h("img", { class: "thumb", src: safeUrl(file.url), alt: "" });
    const use = async () => picked(await api.fetchFile(file.url, file.filename));
    return { primary: file.description || file.filename, secondary: author, aside: "only in the sandbox", picture: thumbnail, pick: use };
  }

  /** Return the newest pictures of the channel. */
  pictures() {
    const found = this.store.shown.toReversed().flatMap((message) => message.attachments.filter(isPicture).map((file) => ({ file, author: capital(message.author.username) })));
    return found.slice(0, MOST_PICTURES);
  }
}
