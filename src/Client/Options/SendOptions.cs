using GenAI.Chats.Client.Calls;
using GenAI.Chats.V1;

namespace GenAI.Chats.Client;

/// <summary>How one message is sent. A <see cref="GenerateContentConfig"/> can stand in its place.</summary>
public sealed record SendOptions
{
    /// <summary>
    /// The config of this turn. It replaces the chat's, system instruction and tools included, as in Google's SDKs; see <see cref="MergeConfig"/>. Null: the
    /// chat's.
    /// </summary>
    public GenerateContentConfig? Config { get; init; }

    /// <summary>Whether <see cref="Config"/> is laid over the chat's, field by field, in place of replacing it.</summary>
    public bool MergeConfig { get; init; }

    /// <summary>
    /// The id of this send, at most 128 characters. A program that may be restarted between a send and its answer keeps the id, and sends again with it: it is
    /// the same turn. Null: the client makes one for the send and its retries.
    /// </summary>
    public string? RequestId { get; init; }

    /// <summary>The revision that the chat must have; else <see cref="RevisionMismatchException"/>, and nothing is sent. Null: any.</summary>
    public long? ExpectedRevision { get; init; }

    /// <summary>What the send does that finds a turn queued or running. Default: it waits.</summary>
    public BusyPolicy OnBusy { get; init; }

    /// <summary>
    /// Whether the turn is cancelled when the caller gives up: cancels the token, runs out of time, or stops reading the stream. Default false: it runs on and is
    /// recorded. A lost connection never cancels a turn.
    /// </summary>
    public bool CancelTurn { get; init; }

    /// <summary>In place of <see cref="ChatsClientOptions.SendTimeout"/>.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>In place of <see cref="ChatsClientOptions.OnTurnRestart"/>.</summary>
    public TurnRestartPolicy? OnTurnRestart { get; init; }

    /// <summary>Options with a config that replaces the chat's for the turn.</summary>
    public static implicit operator SendOptions?(GenerateContentConfig? config) => config is null ? null : new SendOptions { Config = config };

    internal SendMessageRequest ToRequest(string name, Message message)
    {
        var request = new SendMessageRequest
        {
            Name = name,
            Config = Config?.Clone(),
            ConfigMode = MergeConfig ? SendMessageRequest.Types.ConfigMode.Merge : SendMessageRequest.Types.ConfigMode.Replace,
            RequestId = RequestId ?? RequestIds.New(),
            OnBusy = OnBusy,
        };
        if (ExpectedRevision is { } revision)
        {
            request.ExpectedRevision = revision;
        }

        message.Fill(request);
        return request;
    }

    internal void Validate()
    {
        if (Timeout is { } timeout && !ChatsClientOptions.IsTimeout(timeout))
        {
            throw new ArgumentException($"{nameof(SendOptions)}.{nameof(Timeout)} is {timeout}; it must be {ChatsClientOptions.TimeoutRule}.");
        }

        if (RequestId is "")
        {
            throw new ArgumentException($"{nameof(SendOptions)}.{nameof(RequestId)} is empty; it must have at least one character, or be null.");
        }
    }
}
