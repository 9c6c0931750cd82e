using GenAI.Chats.Bench.Load;
using GenAI.Chats.Bench.Reporting;

namespace GenAI.Chats.Bench.Scenarios;

/// <summary>Something to measure.</summary>
internal interface IScenario
{
    /// <summary>Its name on the command line and in the figures.</summary>
    string Name { get; }

    /// <summary>What is measured, in one line.</summary>
    string About { get; }

    /// <summary>Measures, with servers of its own.</summary>
    Task RunAsync(BenchRun bench);
}

/// <summary>What a scenario works with.</summary>
/// <param name="Smoke">Whether to do just enough to see that it works.</param>
/// <param name="Chats">The numbers of chats to measure turns with.</param>
/// <param name="Peers">The servers of other systems to measure.</param>
/// <param name="Servers">Starts servers.</param>
/// <param name="Report">Takes the figures.</param>
internal sealed record BenchRun(bool Smoke, IReadOnlyList<int> Chats, IReadOnlyList<(string Name, Uri Address)> Peers, Servers Servers, Report Report)
{
    /// <summary>A count, far smaller in a smoke run.</summary>
    public int Count(int whole, int smoke) => Smoke ? smoke : whole;

    /// <summary>A time, far shorter in a smoke run.</summary>
    public TimeSpan Seconds(double whole) => TimeSpan.FromSeconds(Smoke ? Math.Min(whole, 0.3) : whole);
}
