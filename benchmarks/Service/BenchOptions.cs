using System.Globalization;
using GenAI.Chats.Bench.Scenarios;

namespace GenAI.Chats.Bench;

/// <summary>The command line.</summary>
internal sealed record BenchOptions
{
    public static readonly string Usage = $"""
        ./bench [--smoke] [--only SCENARIO,...] [--chats NUMBER,...] [--peers NAME=ADDRESS,...] [--json FILE] [--check FILE [--tolerance SHARE]]

          --smoke   a few seconds in all: shows that everything works, and measures nothing
          --only    of turns, long-chat, branches, idle-chats, watchers, memory, postgres, cluster, held-streams, peers
          --chats   the numbers of chats that turns, postgres, and cluster measure; 1,8,64,512 by default
          --peers   servers that peers measures, which you started with a model that answers 20 words:
                    {PeerTurns.Systems}
          --json    writes the figures to FILE too, for comparisons over time
          --check   compares ratios with those in FILE, which --json wrote for an earlier build; if one is worse, the exit code is 1
          --tolerance  how much worse a ratio may be; 0.3 by default
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

    /// <summary>The file of an earlier run to compare with, if any.</summary>
    public string? Check { get; init; }

    /// <summary>How much worse than in the earlier run a ratio may be, as a share.</summary>
    public double Tolerance { get; init; } = 0.3;

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
                "--check" => options with { Check = ExistingFile(Value(args, ref i)) },
                "--tolerance" => options with { Tolerance = Share(Value(args, ref i)) },
                var other => throw new ArgumentException($"There is no argument '{other}'."),
            };
        }

        return options;
    }

    private static int Number(string text) =>
        int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : throw new ArgumentException($"'{text}' is not a number of chats.");

    private static double Share(string text) =>
        double.TryParse(text, CultureInfo.InvariantCulture, out var share) && share is >= 0 and < 10 ? share : throw new ArgumentException($"'{text}' is not a share.");

    private static string ExistingFile(string path) => File.Exists(path) ? path : throw new ArgumentException($"There is no file '{path}'.");

    private static string Value(string[] args, ref int i) =>
        ++i < args.Length ? args[i] : throw new ArgumentException($"{args[i - 1]} needs a value.");
}
