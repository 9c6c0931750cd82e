namespace GenAI.Chats.Models;

/// <summary>The reasons of <see cref="ModelException"/>. They are stable: clients can rely on them.</summary>
public static class ModelErrorReasons
{
    /// <summary>The key is missing, or the model API rejected it.</summary>
    public const string Credentials = "MODEL_CREDENTIALS";

    /// <summary>The provider doesn't have the model.</summary>
    public const string NotFound = "MODEL_NOT_FOUND";

    /// <summary>The model rejected the request. Sending the same request again fails again.</summary>
    public const string InvalidRequest = "MODEL_INVALID_REQUEST";

    /// <summary>
    /// The model can't read a part of the history or message, such as an expired file. The message starts with the part's path. The same history
    /// fails again.
    /// </summary>
    public const string ContentUnavailable = "MODEL_CONTENT_UNAVAILABLE";

    /// <summary>A quota or rate limit of the model API is exceeded.</summary>
    public const string QuotaExceeded = "MODEL_QUOTA_EXCEEDED";

    /// <summary>The model can't be reached, is overloaded, or ended its response early.</summary>
    public const string Unavailable = "MODEL_UNAVAILABLE";

    /// <summary>The call, or the turn with all its calls, exceeded its time limit.</summary>
    public const string Timeout = "MODEL_TIMEOUT";

    /// <summary>The model stream stalled: no first or next chunk arrived in time.</summary>
    public const string Stalled = "MODEL_STALLED";

    /// <summary>Too many calls are waiting for the model on this server.</summary>
    public const string Overloaded = "MODEL_OVERLOADED";

    /// <summary>
    /// The model's response can't be read. With code INTERNAL, the content itself is unreadable: the call isn't retried and doesn't count as a
    /// failure of the target.
    /// </summary>
    public const string MalformedResponse = "MODEL_MALFORMED_RESPONSE";

    /// <summary>The response, or one event of the stream, exceeds this server's size limit.</summary>
    public const string ResponseTooLarge = "MODEL_RESPONSE_TOO_LARGE";
}
