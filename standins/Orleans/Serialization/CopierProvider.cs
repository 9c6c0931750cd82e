using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Reflection;
using Google.Protobuf;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Orleans.Serialization;

/// <summary>Knows how values of a type are copied on their way into a grain and out of it.</summary>
internal sealed class CopierProvider(IEnumerable<ProtobufSupport> protobuf)
{
    private static readonly HashSet<Type> Immutables =
    [
        typeof(string), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan),
        typeof(Guid), typeof(Uri), typeof(Version), typeof(Half), typeof(Int128), typeof(UInt128), typeof(BigInteger), typeof(CultureInfo),
        typeof(IPAddress), typeof(IPEndPoint), typeof(CancellationToken), typeof(ValueTuple), typeof(object), typeof(ByteString),
        typeof(IdSpan), typeof(GrainType), typeof(GrainId), typeof(GrainInterfaceType), typeof(ActivationId), typeof(SiloAddress),
        typeof(GrainAddress),
    ];

    private static readonly Dictionary<Type, Type> Generics = new()
    {
        [typeof(Immutable<>)] = typeof(SharingCopier<>),
        [typeof(Nullable<>)] = typeof(NullableCopier<>),
        [typeof(List<>)] = typeof(ListCopier<>),
        [typeof(Queue<>)] = typeof(QueueCopier<>),
        [typeof(HashSet<>)] = typeof(HashSetCopier<>),
        [typeof(Dictionary<,>)] = typeof(DictionaryCopier<,>),
        [typeof(ImmutableArray<>)] = typeof(ImmutableArrayCopier<>),
        [typeof(ImmutableList<>)] = typeof(ImmutableListCopier<>),
        [typeof(ReadOnlyMemory<>)] = typeof(ReadOnlyMemoryCopier<>),
    };

    private readonly ConcurrentDictionary<Type, Copier> _declared = new();
    private readonly ConcurrentDictionary<Type, Copier> _exact = new();
    private readonly ProtobufSupport? _protobuf = protobuf.FirstOrDefault();

    /// <summary>The copier of values that are declared as the type, and may be of one derived from it.</summary>
    public Copier<T> Get<T>() => (Copier<T>)Get(typeof(T));

    /// <summary>The copier of values that are of just this type.</summary>
    public Copier GetExact(Type type) => _exact.GetOrAdd(type, Create);

    private Copier Get(Type type) => _declared.GetOrAdd(
        type,
        type => type.IsValueType || type.IsSealed ? GetExact(type) : Make(typeof(RuntimeTypeCopier<>), [type], this));

    private Copier Create(Type type)
    {
        if (IsImmutable(type))
        {
            return Make(typeof(SharingCopier<>), [type]);
        }

        if (type.IsSZArray)
        {
            return Make(typeof(ArrayCopier<>), [type.GetElementType()!], this);
        }

        if (typeof(IMessage).IsAssignableFrom(type) && _protobuf is not null && _protobuf.IsCopyable(type))
        {
            return Make(typeof(ProtobufCopier<>), [type]);
        }

        if (type.IsGenericType && CreateGeneric(type) is { } generic)
        {
            return generic;
        }

        return SerializedMembers.Has(type)
            ? Make(typeof(MemberCopier<>), [type], SerializedMembers.Of(type), (Func<Type, Copier>)GetLater)
            : Make(typeof(MissingCopier<>), [type]);
    }

    private Copier GetLater(Type type) => Make(typeof(DeferredCopier<>), [type], this);

    private Copier? CreateGeneric(Type type)
    {
        var definition = type.GetGenericTypeDefinition();
        var arguments = type.GetGenericArguments();
        if (Generics.TryGetValue(definition, out var copier))
        {
            return copier == typeof(SharingCopier<>) ? Make(copier, [type]) : Make(copier, arguments, this);
        }

        if (definition == typeof(KeyValuePair<,>) || typeof(System.Runtime.CompilerServices.ITuple).IsAssignableFrom(type))
        {
            var fields = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
            return Make(typeof(MemberCopier<>), [type], fields, (Func<Type, Copier>)Get);
        }

        return null;
    }

    private static bool IsImmutable(Type type) =>
        type.IsPrimitive
        || type.IsEnum
        || Immutables.Contains(type)
        || type.IsDefined(typeof(ImmutableAttribute), inherit: false)
        || typeof(Type).IsAssignableFrom(type)
        || typeof(Exception).IsAssignableFrom(type)
        || typeof(GrainReference).IsAssignableFrom(type);

    private static Copier Make(Type definition, Type[] arguments, params object[] parameters) =>
        (Copier)Activator.CreateInstance(definition.MakeGenericType(arguments), parameters)!;
}
