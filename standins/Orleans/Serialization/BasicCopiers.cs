using Google.Protobuf;

namespace Orleans.Serialization;

/// <summary>Hands values on as they are.</summary>
internal sealed class SharingCopier<T> : Copier<T>
{
    public override bool IsShallow => true;

    public override T Copy(T value, CopyContext context) => value;
}

/// <summary>Goes by the type that the value turns out to have.</summary>
internal sealed class RuntimeTypeCopier<T>(CopierProvider provider) : Copier<T>
{
    public override T Copy(T value, CopyContext context) =>
        value is null ? value : (T)provider.GetExact(value.GetType()).CopyObject(value, context)!;
}

/// <summary>Looks its copier up when it is first needed, so that types may refer to themselves.</summary>
internal sealed class DeferredCopier<T>(CopierProvider provider) : Copier<T>
{
    private Copier<T>? _copier;

    public override T Copy(T value, CopyContext context) => (_copier ??= provider.Get<T>()).Copy(value, context);
}

internal sealed class MissingCopier<T> : Copier<T>
{
    public override T Copy(T value, CopyContext context) => value is null
        ? value
        : throw new CodecNotFoundException(
            $"Could not find a copier for type {typeof(T)}: it has no [GenerateSerializer], and no serializer that was added knows it.");
}

internal sealed class NullableCopier<T>(CopierProvider provider) : Copier<T?> where T : struct
{
    private readonly Copier<T> _copier = provider.Get<T>();

    public override bool IsShallow => _copier.IsShallow;

    public override T? Copy(T? value, CopyContext context) => value is { } given ? _copier.Copy(given, context) : null;
}

internal sealed class ProtobufCopier<T> : Copier<T> where T : class, IDeepCloneable<T>
{
    public override T Copy(T value, CopyContext context) => value?.Clone()!;
}
