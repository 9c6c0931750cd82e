namespace GenAI.Chats.Bench.Peers;

/// <summary>How to hold a chat with a server of another system over HTTP.</summary>
internal interface IPeer
{
    /// <summary>The system's name on the command line.</summary>
    string Name { get; }

    /// <summary>An example of the address that the adapter takes, with what its path names.</summary>
    string Example { get; }

    /// <summary>Starts a chat. The function that this returns sends one message, waits for the end of the answer, and returns when its first bytes came.</summary>
    Task<Func<Task<long>>> StartChatAsync(HttpClient client, Uri address);
}
