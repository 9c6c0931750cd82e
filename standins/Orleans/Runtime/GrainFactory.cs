using System.Collections.Concurrent;
using System.Globalization;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>Makes references whose calls go to one silo and time out as the given options say.</summary>
internal sealed class GrainFactory(SiloRuntime silo, MessagingOptions messaging, IServiceProvider services) : IClusterClient
{
    private readonly ConcurrentDictionary<Type, GrainInterface> _interfaces = new();

    public SiloRuntime Silo => silo;

    public MessagingOptions Messaging => messaging;

    public IServiceProvider ServiceProvider => services;

    public GrainReference Refer(Type interfaceType, GrainId grainId) =>
        _interfaces.GetOrAdd(interfaceType, static (type, factory) => new GrainInterface(type, factory), this).Create(grainId);

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(primaryKey);
        return Refer<TGrainInterface>(primaryKey, grainClassNamePrefix);
    }

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey =>
        Refer<TGrainInterface>(Key(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey =>
        Refer<TGrainInterface>(Key(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidCompoundKey =>
        Refer<TGrainInterface>($"{Key(primaryKey)}+{keyExtension}", grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerCompoundKey =>
        Refer<TGrainInterface>($"{Key(primaryKey)}+{keyExtension}", grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId) where TGrainInterface : IAddressable =>
        (TGrainInterface)(object)Refer(typeof(TGrainInterface), grainId);

    public IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey) => (IGrain)Refer(grainInterfaceType, grainPrimaryKey, null);

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey) => (IGrain)Refer(grainInterfaceType, Key(grainPrimaryKey), null);

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey) => (IGrain)Refer(grainInterfaceType, Key(grainPrimaryKey), null);

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey, string keyExtension) =>
        (IGrain)Refer(grainInterfaceType, $"{Key(grainPrimaryKey)}+{keyExtension}", null);

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey, string keyExtension) =>
        (IGrain)Refer(grainInterfaceType, $"{Key(grainPrimaryKey)}+{keyExtension}", null);

    public IAddressable GetGrain(GrainId grainId) => Refer(silo.Classes.Get(grainId.Type).Interface, grainId);

    public IAddressable GetGrain(GrainId grainId, GrainInterfaceType interfaceType) =>
        Refer(silo.Classes.InterfaceOf(grainId.Type, interfaceType), grainId);

    public IAddressable GetGrain(Type interfaceType, IdSpan grainKey) => GetGrain(interfaceType, grainKey, null);

    public IAddressable GetGrain(Type interfaceType, IdSpan grainKey, string? grainClassNamePrefix) =>
        Refer(interfaceType, grainKey.ToString(), grainClassNamePrefix);

    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver =>
        throw Observers();

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj) where TGrainObserverInterface : IGrainObserver =>
        throw Observers();

    private static PlatformNotSupportedException Observers() => new("Grain observers need the package Microsoft.Orleans.Server.");

    private static string Key(Guid key) => key.ToString("N");

    private static string Key(long key) => key.ToString("X", CultureInfo.InvariantCulture);

    private TGrainInterface Refer<TGrainInterface>(string key, string? classNamePrefix) =>
        (TGrainInterface)(object)Refer(typeof(TGrainInterface), key, classNamePrefix);

    private GrainReference Refer(Type interfaceType, string key, string? classNamePrefix) =>
        Refer(interfaceType, GrainId.Create(silo.Classes.Resolve(interfaceType, classNamePrefix).GrainType, key));
}
