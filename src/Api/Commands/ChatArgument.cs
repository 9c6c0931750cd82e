using System.CommandLine;
using GenAI.Chats.Api.Validation;

namespace GenAI.Chats.Api.Commands;

/// <summary>A chat of a tenant, written as <c>TENANT/CHAT_ID</c>.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Name">The name of the chat in the API.</param>
internal sealed record ChatArgument(string Tenant, string Name)
{
    /// <summary>Creates the argument of a command.</summary>
    public static Argument<ChatArgument> Create() => new("CHAT")
    {
        Description = "The chat, as TENANT/CHAT_ID.",
        HelpName = "TENANT/CHAT_ID",
        CustomParser = static result =>
        {
            var text = result.Tokens[0].Value;
            if (text.Split('/') is [var tenant, var chatId] && TenantName.IsValid(tenant) && ChatName.IsId(chatId))
            {
                return new ChatArgument(tenant, ChatName.Of(chatId));
            }

            result.AddError($"Invalid chat '{text}'. Expected: TENANT/CHAT_ID.");
            return null;
        },
    };

    /// <summary>Returns the chat as the commands print it.</summary>
    public static string Of(TenantChat chat) => $"{chat.Tenant}/{ChatName.IdOf(chat.Chat.Name, "name")}";

    /// <inheritdoc/>
    public override string ToString() => $"{Tenant}/{ChatName.IdOf(Name, "name")}";
}
