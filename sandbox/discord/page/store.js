// The page's state: the current member, the world as they see it, and the messages of opened channels.

import * as api from "./api.js";
import * as clock from "./clock.js";

const KEPT = "sandbox.";
export const TEXT = 0;
export const DM = 1;
export const CATEGORY = 4;
export const LANGUAGES = { "en-US": "English", "zh-CN": "中文" };
export const CAN = { send: 1n << 11n, manageMessages: 1n << 13n, sendInThreads: 1n << 38n };
export const EPHEMERAL = 1 << 6;
export const LOADING = 1 << 7;
export const V2 = 1 << 15;

export class Store extends EventTarget {
  constructor() {
    super();
    this.world = { guilds: [], channels: [], dms: [], commands: [] };
    this.me = null;
    this.channelId = null;
    this.messages = new Map();
    this.unread = new Map();
    this.early = null;
    this.held = null;
    this.asked = this.answered = 0;
    this.connect = async () => {};
    this.dismissed = new Set(JSON.parse(sessionStorage.getItem(`${KEPT}dismissed`) ?? "[]"));
  }

  on(name, action) {
    this.addEventListener(name, (event) => action(event.detail));
  }

  /** Announce a change; after a press, because a control that is redrawn before it is released gets no click. */
  tell(name, detail) {
    if (this.held) this.held.push([name, detail]);
    else this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** Hold changes back while a pointer is pressed. */
  press() {
    this.held ??= [];
  }

  release() {
    const held = this.held ?? [];
    this.held = null;
    for (const [name, detail] of held) this.tell(name, detail);
  }

  /** Load the world for the first time, as the member in `?as=` or the last one used. */
  async open() {
    const query = new URLSearchParams(location.search);
    const world = await api.get("world");
    const people = world.guilds.flatMap((guild) => guild.members.filter((one) => !one.bot));
    const wanted = query.get("as") ?? localStorage.getItem(`${KEPT}as`);
    this.me = (people.find((one) => one.name === wanted || one.id === wanted) ?? people[0]).id;
    this.wantedChannel = query.get("channel") ?? localStorage.getItem(`${KEPT}channel`);
    await this.connect();
    await this.refresh();
  }

  /** Reload the world. */
  async refresh() {
    const me = this.me;
    await this.load(this.channelId ? { channel: this.channelId } : {}).catch(() => this.load());
    if (me !== this.me) return;
    clock.speak(this.person(me)?.locale);
    if (!this.channel && !this.early) await this.enter(this.firstChannel()?.id);
    this.tell("world");
  }

  /** Ask for the world, with the commands of a channel. An answer that a later question has overtaken is out of date. */
  async load(where = {}) {
    const me = this.me;
    const turn = ++this.asked;
    const world = await api.get("world", { as: me, ...where });
    if (me !== this.me || turn < this.answered) return;
    this.answered = turn;
    clock.learn(world.now * 1000);
    this.world = { commands: [], ...world };
  }

  firstChannel() {
    const wanted = this.wantedChannel?.replace(/^#/, "");
    const channels = this.world.channels.filter((one) => one.type !== CATEGORY);
    return channels.find((one) => one.id === wanted || one.name === wanted) ?? channels[0];
  }

  /** The channel to go to from a direct message. */
  get home() {
    return this.firstChannel();
  }

  /** Switch to another member. */
  async become(id) {
    this.me = id;
    localStorage.setItem(`${KEPT}as`, id);
    this.messages.clear();
    this.unread.clear();
    this.early = null;
    if (this.channel?.type === DM) this.channelId = null;
    this.tell("me");
    await this.connect();
    const channel = this.channelId;
    await this.refresh();
    if (channel === this.channelId) await this.enter(channel);
  }

  /** Open a channel. */
  async enter(id) {
    if (!id) return;
    this.channelId = id;
    this.unread.delete(id);
    const early = (this.early = []);
    const loaded = Promise.all([this.load({ channel: id }), api.get("messages", { channel: id, as: this.me })]);
    const [, list] = await loaded.catch((error) => this.failed(early, error));
    if (early !== this.early) return; // someone else looks, the channel has been left, or it is being loaded again
    // Not a direct message: a reload opens the server. Not before the answer: an unread DM may still be unknown.
    if (this.channel?.guild_id) localStorage.setItem(`${KEPT}channel`, this.channel.name);
    this.messages.set(id, new Map(list.map((one) => [one.id, one])));
    this.early = null;
    early.forEach((one) => this.take(one));
    this.tell("world");
    this.tell("channel");
  }

  /** Let another channel be opened after one that could not be loaded. */
  failed(early, error) {
    if (early === this.early) this.early = null;
    throw error;
  }

  /** Open the member's DM with the bot. */
  async enterDm() {
    await api.get("messages", { channel: `dm:${this.person(this.me).name}`, as: this.me });
    await this.load();
    await this.enter(this.world.dms[0]?.id);
  }

  /** Apply a created, edited or deleted message; while a channel is loading, after its earlier messages. */
  take(happened) {
    const { op, channel, message } = happened;
    if (this.early && channel === this.channelId) return this.early.push(happened);
    clock.learn(Date.parse(message.edited_timestamp ?? message.timestamp));
    const known = this.messages.get(channel);
    if (op === "delete") known?.delete(message.id);
    else known?.set(message.id, message);
    if (channel === this.channelId) this.tell("message", { op, message });
    else if (op === "create") this.markUnread(channel, message);
    return undefined;
  }

  markUnread(channel, message) {
    const named = message.mentions.some((one) => one.id === this.me);
    const before = this.unread.get(channel) ?? 0;
    this.unread.set(channel, before + (named || !this.channelOf(channel)?.guild_id ? 1 : 0));
    this.tell("unread");
  }

  dismiss(id) {
    this.dismissed.add(id);
    sessionStorage.setItem(`${KEPT}dismissed`, JSON.stringify([...this.dismissed]));
    this.tell("message", { op: "delete", message: { id } });
  }

  get guild() {
    return this.world.guilds.find((one) => one.id === this.channel?.guild_id) ?? this.world.guilds[0];
  }

  get channel() {
    return this.channelOf(this.channelId);
  }

  /** Whether the open channel, or the channel of the open thread, is for adults only. */
  get ageRestricted() {
    const parent = this.channel?.thread_metadata ? this.channelOf(this.channel.parent_id) : null;
    return Boolean(this.channel?.nsfw || parent?.nsfw);
  }

  /** Return the messages of the open channel, oldest first. */
  get shown() {
    const all = [...(this.messages.get(this.channelId)?.values() ?? [])];
    return all.filter((one) => !this.dismissed.has(one.id)).sort((a, b) => order(a.id, b.id));
  }

  message(id) {
    return this.messages.get(this.channelId)?.get(id);
  }

  channelOf(id) {
    return [...this.world.channels, ...this.world.dms].find((one) => one.id === id);
  }

  person(id) {
    const members = this.world.guilds.flatMap((guild) => guild.members);
    const member = members.find((one) => one.id === id);
    if (member) return { ...member, shown: member.bot ? this.botName : capital(member.name) };
    const other = this.world.dms.flatMap((one) => one.recipients).find((one) => one.id === id);
    return other && { id, name: other.username, shown: other.global_name ?? other.username, roles: [], bot: false };
  }

  get botName() {
    return capital(this.world.bot?.username ?? "");
  }

  sku(id) {
    return this.world.skus?.find((one) => one.id === id);
  }

  role(id) {
    return this.world.guilds.flatMap((guild) => guild.roles).find((one) => one.id === id);
  }

  /** Return the role that determines the colour of a member's name. */
  colourOf(id) {
    const member = this.guild?.members.find((one) => one.id === id);
    const worn = this.guild?.roles.filter((role) => role.color && member?.roles.includes(role.name)) ?? [];
    return worn.sort((a, b) => b.position - a.position)[0]?.color ?? 0;
  }

  can(permission, channel = this.channel) {
    return (BigInt(channel?.permissions ?? 0) & permission) !== 0n;
  }
}

export function order(a, b) {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

export function capital(name) {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

export function avatarOf(id) {
  return `/avatars/${id}/${id}.png`;
}
