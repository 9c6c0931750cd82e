using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1;

namespace Grpc.Reflection;

/// <summary>Serves grpc.reflection.v1.</summary>
public class ReflectionV1ServiceImpl(IEnumerable<ServiceDescriptor> serviceDescriptors) : ServerReflection.ServerReflectionBase
{
    private readonly ReflectionAnswers _answers = new(serviceDescriptors);

    public override async Task ServerReflectionInfo(
        IAsyncStreamReader<ServerReflectionRequest> requestStream,
        IServerStreamWriter<ServerReflectionResponse> responseStream,
        ServerCallContext context)
    {
        while (await requestStream.MoveNext(context.CancellationToken).ConfigureAwait(false))
        {
            await responseStream.WriteAsync(_answers.Answer(requestStream.Current)).ConfigureAwait(false);
        }
    }
}
