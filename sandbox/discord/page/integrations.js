// Who may use the bot's commands: what admins set on Discord's Integrations page, for roles.

import { h } from "./dom.js";
import { button, line } from "./purchases.js";

const ROLE = 1, USER = 2;
const EVERY_COMMAND = "*";

/** List what is allowed and denied, and offer to hide a command from a role. */
export function commandPermissions(store, act) {
  const { guild } = store;
  const commands = store.world.every_command?.filter((one) => !one.guild_id || one.guild_id === guild?.id) ?? [];
  if (!guild || !commands.length) return h("p", { class: "muted" }, "The bot has no commands.");
  const set = (command, permissions) => act({ do: "set_command_permissions", guild: guild.id, command, permissions });
  const rows = guild.command_permissions.map((one) => {
    const command = commands.find((each) => each.id === one.id);
    return line([command ? command.name : "All commands", h("small", { class: "muted" }, ` · ${one.permissions.map((each) => said(store, each)).join(", ")}`)], button("Forget", () => set(command?.id ?? EVERY_COMMAND, [])));
  });
  return [rows, hiding(guild, commands, set)];
}

function hiding(guild, commands, set) {
  const names = [{ id: EVERY_COMMAND, name: "All commands" }, ...[...commands].sort((a, b) => a.name.localeCompare(b.name))];
  const command = choice("Command", names);
  const role = choice("Role", guild.roles);
  return h("div", { class: "drawer-line" }, command, role, button("Hide", () => set(command.value, [{ role: role.value, allow: false }])));
}

function choice(label, found) {
  return h("select", { "aria-label": label, class: "kept" }, found.map((one) => h("option", { value: one.id }, one.name)));
}

function said(store, { id, type, permission }) {
  const name = type === ROLE ? store.role(id)?.name : type === USER ? store.person(id)?.shown : store.channelOf(id)?.name;
  return `${permission ? "for" : "not for"} ${name ?? "all channels"}`;
}
