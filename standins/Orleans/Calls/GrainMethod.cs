using System.Reflection;
using Orleans.Concurrency;

namespace Orleans.Runtime;

/// <summary>A method of a grain interface, as the references of one grain factory call it.</summary>
internal abstract class GrainMethod
{
    protected GrainMethod(MethodInfo method, GrainFactory factory)
    {
        var options = factory.Messaging;
        Name = $"{method.DeclaringType!.Name}.{method.Name}";
        Silo = factory.Silo;
        IsAlwaysInterleave = method.IsDefined(typeof(AlwaysInterleaveAttribute));
        IsReadOnly = method.IsDefined(typeof(ReadOnlyAttribute));
        IsOneWay = method.IsDefined(typeof(OneWayAttribute));
        CancelOnTimeout = options.CancelRequestOnTimeout && Signature.HasToken(method);
        WaitForCancellationAcknowledgement = options.WaitForCancellationAcknowledgement;
        Timeouts = Silo.Timeouts(method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout ?? options.ResponseTimeout);
    }

    public string Name { get; }

    public SiloRuntime Silo { get; }

    public bool IsAlwaysInterleave { get; }

    public bool IsReadOnly { get; }

    public bool IsOneWay { get; }

    public bool CancelOnTimeout { get; }

    public bool WaitForCancellationAcknowledgement { get; }

    public TimeoutList Timeouts { get; }

    public static GrainMethod Create(MethodInfo method, GrainFactory factory) =>
        (GrainMethod)Activator.CreateInstance(Signature.MethodType(method), method, factory)!;
}
