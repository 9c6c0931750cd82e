namespace GenAI.Chats.Models;

/// <summary>The reasons of a <see cref="ModelException"/>. They are stable: clients may act on them.</summary>
public static class ModelErrorReasons
{
    /// <summary>The key is missing, or the model refused it.</summary>
    public const string Credentials = "MODEL_CREDENTIALS";

    /// <summary>The provider has no such model.</summary>
    public const string NotFound = "MODEL_NOT_FOUND";

    /// <summary>The model refused the request as it is; sent again, it would be refused again.</summary>
    public const string InvalidRequest = "MODEL_INVALID_REQUEST";

    /// <summary>
    /// The model doesn't get at a part of the history or of the message any more, such as a file that has expired. The message starts with the
    /// part's path. The same history fails again.
    /// </summary>
    public const string ContentUnavailable = "MODEL_CONTENT_UNAVAILABLE";

    /// <summary>A quota or a rate limit is used up.</summary>
    public const string QuotaExceeded = "MODEL_QUOTA_EXCEEDED";

    /// <summary>The model cannot be reached, is overloaded, or broke off its answer.</summary>
    public const string Unavailable = "MODEL_UNAVAILABLE";

    /// <summary>The call, or the turn with all of its calls, took longer than it may.</summary>
    public const string Timeout = "MODEL_TIMEOUT";

    /// <summary>The model's stream stood still for longer than it may, before its first chunk or after one.</summary>
    public const string Stalled = "MODEL_STALLED";

    /// <summary>More calls wait for the model than this server lets wait.</summary>
    public const string Overloaded = "MODEL_OVERLOADED";

    /// <summary>
    /// What the model answered can't be read. With code INTERNAL, the fault is in what the model said: it isn't asked again, and nothing is
    /// held against it.
    /// </summary>
    public const string MalformedResponse = "MODEL_MALFORMED_RESPONSE";

    /// <summary>The model's response, or one event of its stream, is larger than this server takes.</summary>
    public const string ResponseTooLarge = "MODEL_RESPONSE_TOO_LARGE";
}
