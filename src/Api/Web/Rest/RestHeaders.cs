using Microsoft.Net.Http.Headers;

namespace GenAI.Chats.Api.Web.Rest;

/// <summary>The headers that stand for fields: <c>Idempotency-Key</c>, <c>If-Match</c>, and <c>Last-Event-ID</c>.</summary>
internal static class RestHeaders
{
    /// <summary>The header with the request ID.</summary>
    public const string IdempotencyKey = "Idempotency-Key";

    /// <summary>The header with the position after which a stream resumes.</summary>
    public const string LastEventId = "Last-Event-ID";

    private const string AnyRevision = "*";

    /// <summary>Reads the headers into the fields that a request has.</summary>
    /// <exception cref="RpcException">INVALID_ARGUMENT: a header is invalid.</exception>
    public static void Read(HttpRequest http, IMessage request)
    {
        ReadRequestId(http, request);
        ReadRevision(http, request);
        ReadPosition(http, request);
    }

    /// <summary>Indicates whether a request has a condition for the revision.</summary>
    public static bool HasCondition(HttpRequest http) => ValueOf(http, HeaderNames.IfMatch) is not (null or AnyRevision);

    /// <summary>Returns the tag of a chat's revision.</summary>
    public static string TagOf(Chat chat) => string.Create(CultureInfo.InvariantCulture, $"\"{chat.Revision}\"");

    /// <summary>Returns the offset after which a stream resumes. 0 if the header isn't set.</summary>
    public static long OffsetOf(HttpRequest http) => ValueOf(http, LastEventId) is not { } id ? 0
        : long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var offset) ? offset
        : throw RpcErrors.Invalid(LastEventId, "must be the ID of an event", ("value", id));

    // Requests without the field are idempotent by themselves.
    private static void ReadRequestId(HttpRequest http, IMessage request)
    {
        if (ValueOf(http, IdempotencyKey) is not { } key || request.Descriptor.FindFieldByName("request_id") is not { } field)
        {
            return;
        }

        // The header's draft standard puts it in quotes.
        key = key is ['"', .. var inner, '"'] ? inner : key;
        if (field.Accessor.GetValue(request) is string { Length: > 0 } set && set != key)
        {
            throw RpcErrors.Invalid("request_id", $"must have the same value as the header {IdempotencyKey}");
        }

        field.Accessor.SetValue(request, key);
    }

    private static void ReadRevision(HttpRequest http, IMessage request)
    {
        if (!HasCondition(http))
        {
            return;
        }

        var text = ValueOf(http, HeaderNames.IfMatch)!;
        var field = request.Descriptor.FindFieldByName("expected_revision") ?? throw RpcErrors.Invalid(HeaderNames.IfMatch, "isn't supported for this method");
        if (text is not ['"', .. var digits, '"'] || !long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
        {
            throw RpcErrors.Invalid(HeaderNames.IfMatch, "must be the ETag of a chat", ("value", text));
        }

        if (field.Accessor.HasValue(request) && (long)field.Accessor.GetValue(request) != revision)
        {
            throw RpcErrors.Invalid("expected_revision", $"must have the same value as the header {HeaderNames.IfMatch}");
        }

        field.Accessor.SetValue(request, revision);
    }

    // A browser that reconnects requests the same URL again. So the header replaces the parameter.
    private static void ReadPosition(HttpRequest http, IMessage request)
    {
        switch (request)
        {
            case ReadTurnRequest read when ValueOf(http, LastEventId) is not null:
                read.AfterOffset = OffsetOf(http);
                break;
            case WatchChatRequest watch when ValueOf(http, LastEventId) is { } token:
                watch.Token = token;
                break;
            case SendMessageRequest { RequestId.Length: 0 } when ValueOf(http, LastEventId) is not null:
                throw RpcErrors.Invalid(LastEventId, $"requires {IdempotencyKey}: without it, the message would be sent again");
        }
    }

    private static string? ValueOf(HttpRequest http, string header) => http.Headers[header].ToString() is { Length: > 0 } value ? value : null;
}
