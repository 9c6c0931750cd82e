using System.Globalization;
using GenAI.Chats.Bench.Scenarios;

namespace GenAI.Chats.Bench;

/// <summary>The command line.</summary>
internal sealed record BenchOptions
{
    public static readonly string Usage = $"""
        ./bench [--smoke] [--only SCENARIO,...] [--chats NUMBER,...] [--peers NAME=ADDRESS,...] [--json FILE]

          --smoke   a few seconds in all: shows that everything works, and measures nothing
          --only    of turns, long-chat, branches, idle-chats, watchers, memory, postgres, cluster, held-streams, peers
          --chats   the numbers of chats that turns, postgres, and cluster measure; 1,8,64,512 by default
          --peers   servers that peers measures, which you started with a model that answers 20 words:
                    {PeerTurns.Systems}
          --json    writes the figures to FILE too, for comparisons over time
        """;

    /// <summary>Whether the run is only to show that everything works.</summary>
    public bool Smoke { get; init; }

    /// <summary>The scenarios to run; empty: all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>The numbers of chats to measure turns with.</summary>
    public IReadOnlyList<int> Chats { get; init; } = [1, 8, 64, 512];

    /// <summary>The servers of other systems to measure.</summary>
    public IReadOnlyList<(string Name, Uri Address)> Peers { get; init; } = [];

    /// <summary>Where the figures go as JSON, if anywhere.</summary>
    public string? Json { get; init; }

    /// <exception cref="ArgumentException">The arguments are not to be understood; the message says why.</exception>
    public static BenchOptions Parse(string[] args)
    {
        var options = new BenchOptions();
        for (var i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--smoke" => options with { Smoke = true },
                "--only" => options with { Only = Value(args, ref i).Split(',', StringSplitOptions.RemoveEmptyEntries) },
                "--chats" => options with { Chats = [.. Value(args, ref i).Split(',').Select(Number)] },
                "--peers" => options with { Peers = [.. Value(args, ref i).Split(',').Select(PeerTurns.Parse)] },
                "--help" => throw new ArgumentException("Measures the service beside a raw gRPC echo."),
                "--json" => options with { Json = Value(args, ref i) },
                var other => throw new ArgumentException($"There is no argument '{other}'."),
            };
        }

        return options;
    }

    private static int Number(string text) =>
        int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : throw new ArgumentException($"'{text}' is not a number of chats.");

    private static string Value(string[] args, ref int i) =>
        ++i < args.Length ? args[i] : throw new ArgumentException($"{args[i - 1]} needs a value.");
}
