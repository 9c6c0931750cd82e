using Microsoft.AspNetCore.Http.Features;

namespace GenAI.Chats.Api.Web.Calls;

/// <summary>The context of a call of the service by a web endpoint.</summary>
internal sealed class WebCall : ServerCallContext
{
    // Where gRPC for ASP.NET Core looks for the HTTP context of a call that it hasn't received itself.
    private const string HttpContextKey = "__HttpContext";

    private readonly HttpContext _http;
    private readonly string _method;
    private readonly Func<Metadata, Task> _sendHeaders;

    /// <summary>Creates the context.</summary>
    /// <param name="http">The HTTP request.</param>
    /// <param name="method">The method's name, such as <c>GetChat</c>.</param>
    /// <param name="sendHeaders">Sends the headers of a stream.</param>
    /// <param name="cancellationToken">Ends the call. If not set, the call ends with the request.</param>
    public WebCall(HttpContext http, string method, Func<Metadata, Task>? sendHeaders = null, CancellationToken? cancellationToken = null)
    {
        _http = http;
        _method = $"/{V1.Chats.Descriptor.FullName}/{method}";
        _sendHeaders = sendHeaders ?? (static _ => Task.CompletedTask);
        CancellationTokenCore = cancellationToken ?? http.RequestAborted;
        UserState[HttpContextKey] = http;
    }

    /// <inheritdoc/>
    protected override string MethodCore => _method;

    /// <inheritdoc/>
    protected override string HostCore => _http.Request.Host.Value ?? "";

    /// <inheritdoc/>
    protected override string PeerCore => _http.Features.Get<IHttpConnectionFeature>()?.RemoteIpAddress?.ToString() ?? "";

    /// <inheritdoc/>
    protected override DateTime DeadlineCore => DateTime.MaxValue;

    /// <inheritdoc/>
    protected override Metadata RequestHeadersCore { get; } = [];

    /// <inheritdoc/>
    protected override CancellationToken CancellationTokenCore { get; }

    /// <inheritdoc/>
    protected override Metadata ResponseTrailersCore { get; } = [];

    /// <inheritdoc/>
    protected override Status StatusCore { get; set; }

    /// <inheritdoc/>
    protected override WriteOptions? WriteOptionsCore { get; set; }

    /// <inheritdoc/>
    protected override AuthContext AuthContextCore { get; } = new(null, []);

    /// <inheritdoc/>
    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => _sendHeaders(responseHeaders);

    /// <inheritdoc/>
    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) => throw new NotSupportedException();
}
