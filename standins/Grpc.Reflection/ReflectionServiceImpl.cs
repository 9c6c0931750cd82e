using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1Alpha;

namespace Grpc.Reflection;

/// <summary>Serves grpc.reflection.v1alpha.</summary>
public class ReflectionServiceImpl(IEnumerable<ServiceDescriptor> serviceDescriptors) : ServerReflection.ServerReflectionBase
{
    private readonly ReflectionAnswers _answers = new(serviceDescriptors);

    public override async Task ServerReflectionInfo(
        IAsyncStreamReader<ServerReflectionRequest> requestStream,
        IServerStreamWriter<ServerReflectionResponse> responseStream,
        ServerCallContext context)
    {
        while (await requestStream.MoveNext(context.CancellationToken).ConfigureAwait(false))
        {
            await responseStream.WriteAsync(Answer(requestStream.Current)).ConfigureAwait(false);
        }
    }

    // The two versions are the same bytes.
    private ServerReflectionResponse Answer(ServerReflectionRequest request)
    {
        var answer = _answers.Answer(V1.ServerReflectionRequest.Parser.ParseFrom(request.ToByteString()));
        return ServerReflectionResponse.Parser.ParseFrom(answer.ToByteString());
    }
}
