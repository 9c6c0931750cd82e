using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Serialization;

public interface ISerializerBuilder
{
    IServiceCollection Services { get; }
}

public static class ServiceCollectionExtensions
{
    public static IServiceCollection AddSerializer(this IServiceCollection services, Action<ISerializerBuilder>? configure = null)
    {
        configure?.Invoke(new SerializerBuilder(services));
        return services;
    }

    private sealed class SerializerBuilder(IServiceCollection services) : ISerializerBuilder
    {
        public IServiceCollection Services => services;
    }
}

public static class SerializationHostingExtensions
{
    private static readonly Func<Type, bool> IsMessage = typeof(IMessage).IsAssignableFrom;

    /// <summary>Lets protobuf messages cross grain boundaries. Locally each is cloned.</summary>
    public static ISerializerBuilder AddProtobufSerializer(this ISerializerBuilder serializerBuilder) =>
        serializerBuilder.AddProtobufSerializer(IsMessage, IsMessage);

    public static ISerializerBuilder AddProtobufSerializer(
        this ISerializerBuilder serializerBuilder, Func<Type, bool>? isSerializable, Func<Type, bool>? isCopyable)
    {
        ArgumentNullException.ThrowIfNull(serializerBuilder);
        serializerBuilder.Services.AddSingleton(new ProtobufSupport(isCopyable ?? (static _ => false)));
        return serializerBuilder;
    }
}

/// <summary>Registered when protobuf messages were allowed.</summary>
internal sealed record ProtobufSupport(Func<Type, bool> IsCopyable);
