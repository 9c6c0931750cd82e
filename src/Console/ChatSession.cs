using Grpc.Core;
using Chat = GenAI.Chats.Client.Chat;

namespace GenAI.Chats.Console;

/// <summary>The current chat, and the settings of a new one.</summary>
internal sealed class ChatSession(ChatsClient chats, ConsoleArguments arguments)
{
    // If no server responds, the user should know soon.
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(2);

    /// <summary>The chat. Null until the first message creates it.</summary>
    public Chat? Chat { get; private set; }

    /// <summary>The chat's model.</summary>
    public string Model { get; private set; } = arguments.Model;

    /// <summary>The chat's system instruction.</summary>
    public string? System { get; private set; } = arguments.System;

    /// <summary>The ID of the chat to create. If null, the service chooses one.</summary>
    public string? NewId { get; private set; } = arguments.ChatId;

    /// <summary>The last message, for <c>/retry</c>.</summary>
    public Sent? Last { get; set; }

    /// <summary>The ID of the turn that the next message edits, if any.</summary>
    public string? EditedTurnId { get; set; }

    /// <summary>Connects to the service, and looks up the chat of the command line.</summary>
    /// <exception cref="ChatException">The service can't be reached, or rejects the call.</exception>
    public static async Task<ChatSession> StartAsync(ChatsClient chats, ConsoleArguments arguments)
    {
        var session = new ChatSession(chats, arguments);
        using var hasty = new ChatsClient(arguments.Client with { RetryTimeout = StartTimeout });
        if (arguments.ChatId is null)
        {
            await hasty.ListAsync().AnyAsync().ConfigureAwait(false);
        }
        else if (await FindAsync(hasty.Open(arguments.ChatId)).ConfigureAwait(false) is { } found)
        {
            session.Attach(found);
        }

        return session;
    }

    /// <summary>Returns the chat, and creates it if necessary.</summary>
    public async Task<Chat> ChatAsync(CancellationToken cancellationToken)
    {
        if (Chat is null)
        {
            Chat = await chats.CreateAsync(
                Model, Config(null), options: new CreateOptions { ChatId = NewId }, cancellationToken: cancellationToken).ConfigureAwait(false);
            NewId = null;
        }

        return Chat;
    }

    /// <summary>Leaves the chat. The next message creates another one.</summary>
    public void Leave(string? newId) => (Chat, NewId, Last, EditedTurnId) = (null, newId, null, null);

    /// <summary>Opens an existing chat.</summary>
    /// <exception cref="ChatException">The chat doesn't exist.</exception>
    public async Task OpenAsync(string chatId) => Attach(await chats.Open(chatId).GetAsync().ConfigureAwait(false));

    /// <summary>Lists the chats. The most recently changed chat comes first.</summary>
    public IAsyncEnumerable<V1.Chat> ListAsync() => chats.ListAsync();

    /// <summary>Changes the model.</summary>
    public async Task SetModelAsync(string model)
    {
        if (Chat is not null)
        {
            await Chat.UpdateAsync(new ChatUpdate { Model = model }).ConfigureAwait(false);
        }

        Model = model;
    }

    /// <summary>Changes the system instruction.</summary>
    /// <param name="text">The system instruction. If null, it's removed.</param>
    public async Task SetSystemAsync(string? text)
    {
        System = text;
        if (Chat is not null)
        {
            var config = (await Chat.GetAsync().ConfigureAwait(false)).Config;
            await Chat.UpdateAsync(new ChatUpdate { Config = Config(config) ?? new GenerateContentConfig() }).ConfigureAwait(false);
        }
    }

    private static async Task<V1.Chat?> FindAsync(Chat chat)
    {
        try
        {
            return await chat.GetAsync().ConfigureAwait(false);
        }
        catch (ChatException failure) when (failure.Status == StatusCode.NotFound)
        {
            return null;
        }
    }

    private void Attach(V1.Chat found)
    {
        Chat = chats.Open(found.Name);
        (Model, NewId, Last, EditedTurnId) = (found.Model, null, null, null);
        System = found.Config?.SystemInstruction is { } system ? string.Concat(system.Parts.Select(p => p.Text)) : null;
    }

    private GenerateContentConfig? Config(GenerateContentConfig? old)
    {
        var config = old?.Clone() ?? new GenerateContentConfig();
        config.SystemInstruction = System is null ? null : new Content { Role = "user", Parts = { new Part { Text = System } } };
        return config.CalculateSize() > 0 ? config : null;
    }
}
