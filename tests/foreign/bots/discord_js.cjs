// The conversation of tests/foreign, with discord.js.
const {
  ActionRowBuilder, ButtonBuilder, ButtonStyle, Client, Events, ModalBuilder, TextInputBuilder, TextInputStyle,
} = require("discord.js");

const client = new Client({ intents: ["Guilds"], rest: { api: `${process.env.SANDBOX_URL}/api` } });
const PIXEL = Buffer.from(process.env.PIXEL, "base64");

const picture = {
  name: "picture",
  description: "Make a picture",
  options: [
    { name: "prompt", description: "What to draw", type: 3, required: true, autocomplete: true },
    { name: "image", description: "A picture", type: 11 },
    { name: "who", description: "Someone", type: 6 },
  ],
};

client.once(Events.ClientReady, async () => {
  await client.application.commands.set([picture, { name: "Look", type: 3 }]);
  console.log("ready");
});

client.on(Events.InteractionCreate, async (interaction) => {
  if (interaction.isAutocomplete()) {
    const typed = interaction.options.getFocused();
    await interaction.respond([{ name: `${typed}!`, value: typed }]);
  } else if (interaction.isChatInputCommand()) {
    await interaction.deferReply();
    const prompt = interaction.options.getString("prompt");
    const image = interaction.options.getAttachment("image");
    const who = interaction.options.getUser("who");
    const again = new ButtonBuilder().setCustomId("again").setLabel("Again").setStyle(ButtonStyle.Primary);
    await interaction.editReply({
      content: `made ${prompt} from ${image?.name ?? "nothing"} for ${who?.username ?? "nobody"}`,
      files: [{ attachment: PIXEL, name: "a.png" }],
      components: [new ActionRowBuilder().addComponents(again)],
    });
    await interaction.followUp({ content: "only you", ephemeral: true });
  } else if (interaction.isButton()) {
    const text = new TextInputBuilder().setCustomId("text").setLabel("Text").setStyle(TextInputStyle.Short);
    const modal = new ModalBuilder().setCustomId("form").setTitle("Form");
    await interaction.showModal(modal.addComponents(new ActionRowBuilder().addComponents(text)));
  } else if (interaction.isModalSubmit()) {
    await interaction.reply({ content: `form ${interaction.fields.getTextInputValue("text")}`, ephemeral: true });
  } else if (interaction.isMessageContextMenuCommand()) {
    await interaction.reply({ content: `files ${interaction.targetMessage.attachments.size}`, ephemeral: true });
  }
});

client.login(process.env.TOKEN);
