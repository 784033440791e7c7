// Left: servers, channels, threads, direct messages and the current member. Right: the member list.

import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { avatarOf, capital, CATEGORY, DM } from "./store.js";

const THREADS = new Set([10, 11, 12]);

export class Sidebar {
  constructor({ rail, channels, members }, store, actions) {
    Object.assign(this, { rail, channels, members, store, actions });
    for (const event of ["world", "channel", "unread", "me"]) store.on(event, () => this.show());
  }

  show() {
    fill(this.rail, this.railButtons());
    fill(this.channels, this.channelList(), this.whoAmI());
    fill(this.members, this.memberList());
    document.body.classList.toggle("in-dms", this.inDms);
  }

  get inDms() {
    return this.store.channel?.type === DM;
  }

  railButtons() {
    const { store } = this;
    const unread = store.world.dms.reduce((sum, one) => sum + (store.unread.get(one.id) ?? 0), 0);
    const home = this.railButton("Direct messages", this.inDms, icon("home"), () => this.actions.openDm(), unread);
    const guilds = store.world.guilds.map((one) => this.railButton(one.name, !this.inDms && store.guild?.id === one.id, initials(one.name), () => this.enterGuild(one)));
    return [home, h("div", { class: "rail-line" }), guilds];
  }

  railButton(name, here, face, onclick, unread = 0) {
    return h("button", { type: "button", class: here ? "rail-button here" : "rail-button", title: name, "aria-label": name, "aria-current": here ? "true" : null, onclick }, face, unread > 0 && h("span", { class: "badge" }, unread));
  }

  enterGuild(guild) {
    const first = this.store.world.channels.find((one) => one.guild_id === guild.id && one.type !== CATEGORY);
    if (first) this.enter(first.id);
  }

  enter(id) {
    this.actions.closeSidebar();
    this.store.enter(id);
  }

  channelList() {
    if (this.inDms) return [h("header", { class: "side-head" }, "Direct messages"), h("nav", { "aria-label": "Direct messages" }, this.store.world.dms.map((one) => this.dm(one)))];
    const { guild, world } = this.store;
    const own = world.channels.filter((one) => one.guild_id === guild?.id);
    const loose = own.filter((one) => one.type !== CATEGORY && !THREADS.has(one.type) && !own.some((each) => each.id === one.parent_id));
    const categories = own.filter((one) => one.type === CATEGORY);
    const rows = [this.section("Text channels", loose, own), categories.map((one) => this.section(one.name, own.filter((each) => each.parent_id === one.id), own))];
    return [h("header", { class: "side-head" }, guild?.name ?? "No server"), h("nav", { "aria-label": "Channels" }, rows)];
  }

  section(name, channels, all) {
    const rows = channels.flatMap((one) => [one, ...all.filter((each) => THREADS.has(each.type) && each.parent_id === one.id)]);
    return h("section", { "aria-label": name }, h("div", { class: "side-title" }, name), rows.map((one) => this.channel(one)));
  }

  channel(one) {
    const here = one.id === this.store.channelId;
    const thread = THREADS.has(one.type);
    const unread = this.store.unread.get(one.id);
    const state = `${here ? " here" : ""}${unread === undefined ? "" : " unread"}${thread ? " thread" : ""}`;
    const archived = one.thread_metadata?.archived && h("small", {}, "archived");
    return h("button", { type: "button", class: `channel${state}`, "aria-current": here ? "page" : null, onclick: () => this.enter(one.id) }, icon(thread ? "thread" : "channel"), h("span", { class: "grow" }, one.name), one.nsfw && h("small", { class: "age", title: "Age-restricted" }, "18+"), archived, unread > 0 && h("span", { class: "badge" }, unread));
  }

  dm(one) {
    const unread = this.store.unread.get(one.id);
    const { bot } = this.store.world;
    return h("button", { type: "button", class: one.id === this.store.channelId ? "channel here" : "channel", onclick: () => this.enter(one.id) }, h("img", { class: "avatar small", src: avatarOf(bot.id), alt: "" }), h("span", { class: "grow" }, capital(bot.username)), unread > 0 && h("span", { class: "badge" }, unread));
  }

  whoAmI() {
    const me = this.store.person(this.store.me);
    return h(
      "div",
      { class: "me" },
      h("button", { type: "button", class: "who", "aria-haspopup": "menu", "aria-label": `You are ${me.shown}. Press to be someone else`, onclick: (event) => this.actions.chooseWho(event) }, h("img", { class: "avatar small", src: avatarOf(me.id), alt: "" }), h("span", { class: "grow" }, h("strong", {}, me.shown), h("small", {}, standing(this.store, me))), icon("chevron")),
      h("button", { type: "button", class: "quiet", title: "Sandbox controls", "aria-label": "Sandbox controls", onclick: () => this.actions.openDrawer() }, icon("tools")),
    );
  }

  memberList() {
    const { guild } = this.store;
    if (this.inDms || !guild) return [];
    const seen = guild.members.filter((one) => BigInt(one.permissions?.[this.store.channelId] ?? 1024) & 1024n);
    const groups = Map.groupBy(seen, (one) => this.rank(one));
    const order = [...[...guild.roles].sort((a, b) => b.position - a.position).map((one) => one.name), "Members"];
    const named = order.filter((name) => groups.has(name)).map((name) => [name, groups.get(name)]);
    return named.map(([name, people]) => [h("h2", { class: "side-title" }, `${name} — ${people.length}`), people.map((one) => this.member(one))]);
  }

  /** The highest role of a member, under which the list shows them. */
  rank(one) {
    const worn = this.store.guild.roles.filter((role) => one.roles.includes(role.name)).sort((a, b) => b.position - a.position);
    return worn[0]?.name ?? "Members";
  }

  member(one) {
    const colour = this.store.colourOf(one.id);
    const open = (event) => this.actions.openUser(event, one.id);
    const name = h("span", { class: "member-name" }, one.bot ? this.store.botName : capital(one.name));
    if (colour) name.style.setProperty("--role", `#${colour.toString(16).padStart(6, "0")}`);
    return h("button", { type: "button", class: "member", onclick: open, oncontextmenu: open }, h("img", { class: "avatar small", src: avatarOf(one.id), alt: "" }), name, one.bot && h("span", { class: "app-tag" }, "APP"));
  }
}

/** Return a member's role in the guild as one word. */
export function standing(store, person) {
  const guild = store.world.guilds.find((one) => one.members.some((each) => each.id === person.id));
  const owner = guild?.owner_id === person.id;
  return [...person.roles, owner && "owner"].filter(Boolean).join(", ") || "member";
}

function initials(name) {
  return name.split(/\s+/).map((word) => word.charAt(0)).join("").slice(0, 3);
}
