using System.Diagnostics;
using Google.Rpc;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Http.Features;

namespace GenAI.Chats.Api.Telemetry;

/// <summary>
/// Converts exceptions to statuses, adds OpenTelemetry's attributes for RPCs to the web server's spans, and counts calls that limits reject.
/// </summary>
internal sealed class CallInterceptor(FrontDoorMetrics metrics, ILogger<CallInterceptor> logger) : Interceptor
{
    // The interceptor also gets calls of health and reflection.
    private static readonly string Service = V1.Chats.Descriptor.FullName + "/";

    /// <inheritdoc/>
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
        RunAsync(request, context, () => continuation(request, context));

    /// <inheritdoc/>
    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        var method = context.Method[1..];
        var change = method.StartsWith(Service, StringComparison.Ordinal) ? 1 : 0;
        metrics.StreamsChanged(change, method);
        try
        {
            await RunAsync(request, context, async () =>
            {
                await continuation(request, responseStream, context);
                return true;
            });
        }
        finally
        {
            metrics.StreamsChanged(-change, method);
        }
    }

    private async Task<T> RunAsync<T>(object request, ServerCallContext context, Func<Task<T>> call)
    {
        var span = Begin(context);
        try
        {
            var response = await call();
            End(span, context.Status.StatusCode);
            return response;
        }
        catch (Exception failure)
        {
            var error = ExceptionStatus.Of(failure, request, context, logger);
            Fail(span, error);
            throw error;
        }
    }

    private static Activity? Begin(ServerCallContext context)
    {
        if (context.GetHttpContext().Features.Get<IHttpActivityFeature>()?.Activity is not { IsAllDataRequested: true, Source.Name.Length: > 0 } span)
        {
            return null;
        }

        // The web endpoints call the same methods.
        if (context.GetHttpContext().Request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true)
        {
            span.SetTag("rpc.system.name", "grpc");
        }

        span.SetTag("rpc.method", context.Method[1..]);
        return span;
    }

    private static void End(Activity? span, StatusCode status) => span?.SetTag("rpc.response.status_code", HttpErrors.NameOf(status));

    private void Fail(Activity? span, RpcException error)
    {
        // There are few reasons and names. Telemetry doesn't contain the messages of statuses.
        var info = error.GetRpcStatus()?.GetDetail<ErrorInfo>();
        var reason = info?.Reason ?? HttpErrors.NameOf(error.StatusCode);
        var isOfTurn = info?.Metadata.ContainsKey("turn_id") ?? false;
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
