// Actions of the page other than writing: run commands, press buttons, open menus, switch member.

import * as api from "./api.js";
import { MESSAGE_MENU, OPTION, USER_MENU, menus } from "./commands.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { dot } from "./select.js";
import { standing } from "./sidebar.js";
import { avatarOf, CAN, EPHEMERAL, LANGUAGES } from "./store.js";

const NO_ANSWER = "The application did not respond";
const FAILED = "This interaction failed";

export class Actions {
  constructor(store, menu, notices) {
    this.store = store;
    this.menu = menu;
    this.notices = notices;
    for (const name of ["runCommand", "press", "openUser", "openMessage", "useFile", "startCommand"]) this[name] = this[name].bind(this);
  }

  get where() {
    return { user: this.store.me, guild: this.store.guild?.id, channel: this.store.channelId };
  }

  /** Send a slash command, and show it as pending. */
  runCommand(command, options, files) {
    return this.send({ type: "command", name: command.path, options, files }, command.shown);
  }

  runMenu(type, name, target) {
    return this.send({ type, name, target_id: target }, name);
  }

  async send(wanted, shown) {
    const pending = this.messages.pending(wanted.name, shown);
    const { channel } = this.where;
    try {
      const state = await api.interact({ ...this.where, ...wanted });
      if (state.state === "failed") return pending.failed(NO_ANSWER);
      pending.done();
      this.store.tell("commanded");
      if (state.modal) this.modal.show(state.modal, channel);
    } catch (error) {
      pending.done();
      this.notices.say(error.message);
    }
    return undefined;
  }

  /** Press a button or choose an option of a select. */
  async press(message, what) {
    try {
      const state = await api.interact({ ...this.where, type: "component", message_id: message.id, ...what });
      if (state.state === "failed") this.messages.fail(message.id, FAILED);
      else this.messages.fail(message.id, "");
      if (state.modal) this.modal.show(state.modal, message.channel_id);
    } catch (error) {
      this.messages.fail(message.id, `${FAILED}: ${error.message}`);
    }
  }

  startCommand(path, values, more) {
    this.composer.startPath(path, values, more);
  }

  /** Open a menu of the commands that accept a picture. */
  useFile(event, file) {
    const uses = this.composer.commands.flatMap((command) => command.options.filter((one) => one.type === OPTION.attachment).map((option) => ({ command, option })));
    const entries = uses.map(({ command, option }) => ({ label: `/${command.shown} · ${option.shown}`, act: () => this.startWith(command, option, file) }));
    this.menu.open(event, [{ title: "Use this picture with" }, ...(entries.length ? entries : [{ title: "No command here accepts a file" }])]);
  }

  async startWith(command, option, file) {
    try {
      this.composer.startCommand(command, {}, { files: { [option.name]: await api.fetchFile(file.url, file.filename ?? "picture.png") } });
    } catch (error) {
      this.notices.say(error.message);
    }
  }

  openMessage(event, message) {
    if (message.local || event.target.closest?.("a, video, audio, textarea")) return;
    const { store } = this;
    const apps = menus(store.world.commands ?? [], MESSAGE_MENU, this.locale);
    const mayDelete = (message.author.id === store.me || store.can(CAN.manageMessages)) && !(message.flags & EPHEMERAL);
    const entries = [
      message.content && { label: "Copy text", picture: icon("copy"), act: () => this.copy(message.content) },
      { label: "Copy message ID", picture: icon("copy"), act: () => this.copy(message.id) },
      ...this.apps(apps, (name) => this.runMenu("message_menu", name, message.id)),
      mayDelete && { label: "Delete message", picture: icon("trash"), danger: true, act: () => this.world({ do: "delete_message", channel: message.channel_id, message: message.id }) },
    ];
    this.menu.open(event, entries.filter(Boolean));
  }

  openUser(event, id) {
    const { store } = this;
    const person = store.person(id);
    if (!person) return;
    const apps = menus(store.world.commands ?? [], USER_MENU, this.locale);
    const card = h("div", { class: "person-card" }, h("img", { class: "avatar", src: avatarOf(id), alt: "" }), h("div", {}, h("strong", {}, person.shown), roleChips(store, person)));
    const entries = [
      { node: card },
      person.bot && { label: "Message", picture: icon("mail"), act: () => this.openDm() },
      !person.bot && id !== store.me && { label: `Switch to ${person.shown}`, picture: icon("people"), act: () => store.become(id) },
      this.inGuild(id) && { label: "Change roles", picture: icon("tools"), act: () => this.openRoles(event, id) },
      { label: "Copy user ID", picture: icon("copy"), act: () => this.copy(id) },
      ...this.apps(apps, (name) => this.runMenu("user_menu", name, id)),
    ];
    this.menu.open(event, entries.filter(Boolean));
  }

  inGuild(id) {
    return this.store.guild?.members.some((one) => one.id === id);
  }

  /** Open the menu in which a member's roles are given and taken. */
  openRoles(event, id) {
    this.menu.open(event, this.roleEntries(id));
  }

  roleEntries(id) {
    const { store } = this;
    const { roles, members } = store.guild;
    const worn = new Set(members.find((one) => one.id === id)?.roles);
    const free = roles.filter((one) => !one.managed && one.id !== store.guild.id).sort((a, b) => b.position - a.position);
    const row = ({ name, color }) => {
      const after = worn.has(name) ? [...worn].filter((one) => one !== name) : [...worn, name];
      const mine = free.map((one) => one.name).filter((one) => after.includes(one));
      return { label: h("span", { class: "role-row" }, dot(color), name), picture: worn.has(name) && icon("check"), stays: true, act: () => this.setRoles(id, mine) };
    };
    return [{ title: `Roles of ${store.person(id).shown}` }, ...free.map(row)];
  }

  async setRoles(id, roles) {
    await this.world({ do: "set_roles", user: id, roles });
    await this.store.refresh();
    this.menu.show(this.roleEntries(id));
  }

  /** Open the menu in which something is bought, as Discord's dialog does for a premium button. */
  openShop(event, skuId) {
    const name = this.store.sku(skuId)?.name ?? "Not for sale any more";
    const buy = (test) => this.world({ do: "entitlement", user: this.store.me, sku: skuId, test });
    const entries = [
      { label: "Buy with play money", picture: icon("check"), act: () => buy(false) },
      { label: "Buy in test mode", picture: icon("tools"), act: () => buy(true) },
    ];
    this.menu.open(event, [{ title: name }, ...(this.store.sku(skuId) ? entries : [])]);
  }

  apps(found, run) {
    return found.length ? [{ title: "Apps" }, ...found.map((one) => ({ label: one.shown, picture: icon("apps"), act: () => run(one.name) }))] : [];
  }

  chooseWho(event) {
    const { store } = this;
    const people = store.world.guilds.flatMap((guild) => guild.members).filter((one) => !one.bot);
    const rows = people.map(({ id }) => {
      const person = store.person(id);
      const label = h("span", { class: "who-row" }, h("img", { class: "avatar small", src: avatarOf(id), alt: "" }), h("span", {}, h("strong", {}, person.shown), h("small", {}, `${standing(store, person)} · ${LANGUAGES[person.locale] ?? person.locale}`)));
      return { label, picture: id === store.me && icon("check"), act: () => store.become(id) };
    });
    this.menu.open(event, [{ title: "Who are you?" }, ...rows, null, { label: "Change your roles", picture: icon("tools"), act: () => this.openRoles(event, store.me) }, { title: "Your Discord language" }, ...this.languages()]);
  }

  languages() {
    const row = ([locale, name]) => ({ label: name, picture: locale === this.locale && icon("check"), act: () => this.speak(locale) });
    return Object.entries(LANGUAGES).map(row);
  }

  /** Change the client's language: that of commands and times, and the locale sent to the bot. */
  async speak(locale) {
    await this.world({ do: "set_locale", user: this.store.me, locale });
    await this.store.become(this.store.me);
  }

  async openDm() {
    this.closeSidebar();
    await this.store.enterDm().catch((error) => this.notices.say(error.message));
  }

  async world(wanted) {
    await api.post("world", wanted).catch((error) => this.notices.say(error.message));
  }

  async copy(text) {
    await navigator.clipboard?.writeText(text).then(() => this.notices.say("Copied."), () => this.notices.say("Couldn't copy."));
  }

  get locale() {
    return this.store.person(this.store.me)?.locale;
  }

  openDrawer() {
    this.drawer.toggle();
  }

  openSidebar() {
    document.body.classList.toggle("sidebar-open");
  }

  closeSidebar() {
    document.body.classList.remove("sidebar-open");
  }

  toggleMembers() {
    document.body.classList.toggle("members-shown");
  }
}

/** Show a member's roles as Discord's profile does; without any, their standing. */
function roleChips(store, person) {
  if (!person.roles.length) return h("small", {}, standing(store, person));
  const worn = (store.guild?.roles ?? []).filter((one) => person.roles.includes(one.name)).sort((a, b) => b.position - a.position);
  return h("span", { class: "role-chips" }, worn.map((one) => h("span", { class: "role-chip" }, dot(one.color), one.name)));
}
