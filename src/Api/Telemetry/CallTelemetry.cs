using System.Diagnostics;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Http.Features;

namespace GenAI.Chats.Api.Telemetry;

/// <summary>
/// Adds OpenTelemetry's attributes for RPCs to the web server's spans, and counts calls that limits reject. It runs before the interceptor that converts
/// exceptions to statuses.
/// </summary>
internal sealed class CallTelemetry(FrontDoorMetrics metrics) : Interceptor
{
    // The interceptor also gets calls of health and reflection.
    private static readonly string Service = V1.Chats.Descriptor.FullName + "/";

    /// <inheritdoc/>
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        var span = Begin(context);
        try
        {
            var response = await continuation(request, context);
            End(span, context.Status.StatusCode);
            return response;
        }
        catch (RpcException error)
        {
            Fail(span, error);
            throw;
        }
    }

    /// <inheritdoc/>
    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        var method = context.Method[1..];
        if (!method.StartsWith(Service, StringComparison.Ordinal))
        {
            await continuation(request, responseStream, context);
            return;
        }

        var span = Begin(context);
        metrics.StreamsChanged(1, method);
        try
        {
            await continuation(request, responseStream, context);
            End(span, context.Status.StatusCode);
        }
        catch (RpcException error)
        {
            Fail(span, error);
            throw;
        }
        finally
        {
            metrics.StreamsChanged(-1, method);
        }
    }

    private static Activity? Begin(ServerCallContext context)
    {
        if (context.GetHttpContext().Features.Get<IHttpActivityFeature>()?.Activity is not { IsAllDataRequested: true, Source.Name.Length: > 0 } span)
        {
            return null;
        }

        span.SetTag("rpc.system.name", "grpc");
        span.SetTag("rpc.method", context.Method[1..]);
        return span;
    }

    private static void End(Activity? span, StatusCode status) => span?.SetTag("rpc.response.status_code", CallFailure.NameOf(status));

    private void Fail(Activity? span, RpcException error)
    {
        var reason = CallFailure.ReasonOf(error, out var isOfTurn);
        if (error.StatusCode is StatusCode.ResourceExhausted && !isOfTurn)
        {
            metrics.Rejected(reason);
        }

        if (span is null)
        {
            return;
        }

        End(span, error.StatusCode);
        if (error.StatusCode is StatusCode.Unknown or StatusCode.DeadlineExceeded or StatusCode.Unimplemented
            or StatusCode.Internal or StatusCode.Unavailable or StatusCode.DataLoss)
        {
            span.SetStatus(ActivityStatusCode.Error);
        }

        span.SetTag("error.type", reason);
    }
}
