using GenAI.Chats.Grains.Serialization;
using Orleans.Serialization;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Serializers;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets grain calls carry the messages of the contract.</summary>
internal static class ContractSerializationExtensions
{
    /// <summary>
    /// Adds the codec for the messages of <c>genai.chats.v1</c> to Orleans' serializer. Every silo and every client of the cluster needs it;
    /// <c>AddChatSilo</c> and <c>AddChatClient</c> add it.
    /// </summary>
    public static IServiceCollection AddChatSerialization(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        var codec = new ContractCodec();
        return services.AddSerializer(serializer => serializer.Services
            .AddSingleton<IGeneralizedCodec>(codec)
            .AddSingleton<IGeneralizedCopier>(codec)
            .AddSingleton<ITypeFilter>(codec));
    }
}
