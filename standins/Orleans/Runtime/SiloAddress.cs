using System.Globalization;
using System.Net;

namespace Orleans.Runtime;

/// <summary>The address of a silo: an endpoint and the generation of the process that has it.</summary>
public sealed class SiloAddress : IEquatable<SiloAddress>
{
    private static int _generation;

    private SiloAddress(IPEndPoint endpoint, int generation)
    {
        Endpoint = endpoint;
        Generation = generation;
    }

    public static SiloAddress Zero { get; } = New(IPAddress.Any, 0, 0);

    public IPEndPoint Endpoint { get; }

    public int Generation { get; }

    public bool IsClient => Generation < 0;

    public static SiloAddress New(IPEndPoint ep, int gen) => new(ep, gen);

    public static SiloAddress New(IPAddress address, int port, int generation) => new(new IPEndPoint(address, port), generation);

    /// <summary>Seconds since 2022, and never twice the same number in one process.</summary>
    public static int AllocateNewGeneration()
    {
        var seconds = (int)(DateTime.UtcNow.Ticks / TimeSpan.TicksPerSecond - new DateTime(2022, 1, 1).Ticks / TimeSpan.TicksPerSecond);
        while (true)
        {
            var last = Volatile.Read(ref _generation);
            var next = Math.Max(seconds, last + 1);
            if (Interlocked.CompareExchange(ref _generation, next, last) == last)
            {
                return next;
            }
        }
    }

    public static SiloAddress FromParsableString(string addr)
    {
        ArgumentNullException.ThrowIfNull(addr);
        var at = addr.LastIndexOf('@');
        return New(IPEndPoint.Parse(addr[..at]), int.Parse(addr[(at + 1)..], CultureInfo.InvariantCulture));
    }

    public string ToParsableString() => string.Create(CultureInfo.InvariantCulture, $"{Endpoint}@{Generation}");

    public bool Equals(SiloAddress? other) => other is not null && Generation == other.Generation && Endpoint.Equals(other.Endpoint);

    public override bool Equals(object? obj) => Equals(obj as SiloAddress);

    public override int GetHashCode() => HashCode.Combine(Endpoint, Generation);

    public override string ToString() => $"S{Endpoint}:{Generation}";
}
