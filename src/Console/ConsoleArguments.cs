namespace GenAI.Chats.Console;

/// <summary>The command-line arguments.</summary>
internal sealed record ConsoleArguments
{
    /// <summary>The options of the client: the connection, and the credentials.</summary>
    public required ChatsClientOptions Client { get; init; }

    /// <summary>The service's address.</summary>
    public Uri Address => Client.Address;

    /// <summary>The chat's ID. If null, a new chat is created.</summary>
    public string? ChatId { get; init; }

    /// <summary>The model of a new chat.</summary>
    public string Model { get; init; } = "echo";

    /// <summary>The system instruction of a new chat.</summary>
    public string? System { get; init; }

    /// <summary>The message to send, if the command line has one.</summary>
    public string? Message { get; init; }
}
