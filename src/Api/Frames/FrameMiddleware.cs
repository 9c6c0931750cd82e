using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Http.Features;

namespace GenAI.Chats.Api.Frames;

/// <summary>Adds a <see cref="FrameReader"/> to gRPC calls.</summary>
internal sealed class FrameMiddleware(RequestDelegate next, IOptions<GrpcServiceOptions> options, ILogger<FrameReader> logger)
{
    private const string EncodingHeader = "grpc-encoding";
    private const string NoEncoding = "identity";

    private readonly int _maxBytes = options.Value.MaxReceiveMessageSize ?? int.MaxValue;

    public Task InvokeAsync(HttpContext call)
    {
        if (call.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method is { } method)
        {
            var isSingle = method.Type is MethodType.Unary or MethodType.ServerStreaming;
            var isCompressed = call.Request.Headers.TryGetValue(EncodingHeader, out var encoding) && encoding != NoEncoding;
            call.Features.Set<IRequestBodyPipeFeature>(new FrameReader(call.Request.BodyReader, isSingle, isCompressed, _maxBytes, logger));
        }

        return next(call);
    }
}
