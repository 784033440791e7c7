// The rules of the server's AutoMod, and a field for a new one.

import { h } from "./dom.js";
import { button, line } from "./purchases.js";

const KEYWORD = 1;
const TRIGGERS = { 3: "spam", 4: "Discord's word lists", 5: "many mentions", 6: "names of members" };

/** List the rules, and offer to add one for keywords. */
export function automodRules(store, act) {
  const field = h("input", { type: "text", class: "kept", "aria-label": "New keywords", placeholder: "cat*, bad word", maxlength: 200 });
  const add = (event) => {
    event.preventDefault();
    const words = field.value.split(",").map((one) => one.trim()).filter(Boolean);
    field.value = "";
    if (words.length) act({ do: "automod", rule: { name: words.join(", ").slice(0, 100), trigger_type: KEYWORD, trigger_metadata: { keyword_filter: words } } });
  };
  const rules = store.guild?.automod_rules ?? [];
  return [rules.map((one) => line(shown(one), button("Delete", () => act({ do: "automod", rule: one.id, delete: true })))), h("form", { class: "drawer-line", onsubmit: add }, field, h("button", { type: "submit", class: "button secondary" }, "Add"))];
}

function shown(rule) {
  const { keyword_filter: words = [], regex_patterns: patterns = [] } = rule.trigger_metadata;
  const what = TRIGGERS[rule.trigger_type] ?? [...words, ...patterns].join(", ");
  return [rule.name, what !== rule.name && h("small", { class: "muted" }, ` · ${what}`), !rule.enabled && h("small", { class: "muted" }, " · off")];
}
