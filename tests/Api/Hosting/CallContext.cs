using GenAI.Chats.Api.Identity.Callers;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace GenAI.Chats.Api.Tests.Hosting;

/// <summary>The context of a call that no server has received.</summary>
internal sealed class CallContext : ServerCallContext
{
    // Where gRPC for ASP.NET Core looks for the HTTP context of a call that it has not made.
    private const string HttpContextKey = "__HttpContext";

    public CallContext(CancellationToken cancellationToken)
    {
        CancellationTokenCore = cancellationToken;
        UserState[HttpContextKey] = new DefaultHttpContext { User = Caller.Anonymous };
    }

    protected override string MethodCore => "/test/Test";

    protected override string HostCore => "test";

    protected override string PeerCore => "test";

    protected override DateTime DeadlineCore => DateTime.MaxValue;

    protected override Metadata RequestHeadersCore { get; } = [];

    protected override CancellationToken CancellationTokenCore { get; }

    protected override Metadata ResponseTrailersCore { get; } = [];

    protected override Status StatusCore { get; set; }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore { get; } = new(null, []);

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => Task.CompletedTask;

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
        throw new NotSupportedException();
}
