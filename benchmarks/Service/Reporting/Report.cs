using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace GenAI.Chats.Bench.Reporting;

/// <summary>Prints figures as they come, and keeps them for a file.</summary>
/// <param name="smoke">Whether the figures mean nothing.</param>
internal sealed class Report(bool smoke)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private readonly List<Row> _rows = [];
    private readonly List<Target> _targets = [];
    private readonly List<Ratio> _ratios = [];
    private string _scenario = "";

    /// <summary>Starts a scenario's part.</summary>
    public void Begin(string scenario, string about)
    {
        _scenario = scenario;
        Console.WriteLine($"{Environment.NewLine}{scenario}: {about}");
    }

    /// <summary>Adds a line of figures.</summary>
    /// <param name="name">What was measured.</param>
    /// <param name="figures">Each with its name and unit.</param>
    public void Add(string name, params (string Name, double Value)[] figures)
    {
        _rows.Add(new Row(_scenario, name, figures.ToDictionary(f => f.Name, f => f.Value)));
        Console.WriteLine($"  {name,-34} {string.Join("  ", figures.Select(f => $"{f.Name} {Number(f.Value),8}"))}");
    }

    /// <summary>Adds a figure that can be compared between runs, because it depends little on the machine's speed and on other processes.</summary>
    public void AddRatio(string name, double value, Better better) => _ratios.Add(new Ratio(_scenario, name, value, better));

    /// <summary>Compares the ratios with those of an earlier run, and prints them.</summary>
    /// <param name="file">The file of the earlier run.</param>
    /// <param name="tolerance">How much worse a ratio may be, as a share.</param>
    /// <returns>Whether the runs have ratios in common, and none is worse.</returns>
    public async Task<bool> CheckAsync(string file, double tolerance)
    {
        await using var stream = File.OpenRead(file);
        var earlier = await JsonSerializer.DeserializeAsync<Earlier>(stream, Indented);
        var before = (earlier?.Ratios ?? []).ToDictionary(r => (r.Scenario, r.Name), r => r.Value);
        Console.WriteLine($"{Environment.NewLine}Against {file}, with a tolerance of {tolerance:P0}");
        var both = _ratios.Where(r => before.ContainsKey((r.Scenario, r.Name))).ToList();
        if (both.Count == 0)
        {
            Console.WriteLine("  The runs have no ratio in common.");
            return false;
        }

        var worse = 0;
        foreach (var ratio in both)
        {
            var was = before[(ratio.Scenario, ratio.Name)];
            var isWorse = ratio.IsWorseThan(was, tolerance);
            worse += isWorse ? 1 : 0;
            Console.WriteLine($"  {(isWorse ? "WORSE" : "ok"),-8} {ratio.Name,-62} {Number(was),8} -> {Number(ratio.Value),8}");
        }

        return worse == 0;
    }

    /// <summary>Holds a figure against what it is to be.</summary>
    public void AtMost(string what, double value, double limit) => _targets.Add(new Target(what, value, limit, AtMost: true));

    /// <inheritdoc cref="AtMost"/>
    public void AtLeast(string what, double value, double limit) => _targets.Add(new Target(what, value, limit, AtMost: false));

    /// <summary>Prints which targets were reached.</summary>
    public void PrintTargets()
    {
        Console.WriteLine($"{Environment.NewLine}Targets{(smoke ? " (a smoke run: the figures mean nothing)" : "")}");
        foreach (var target in _targets)
        {
            var limit = $"{(target.AtMost ? "at most" : "at least")} {Number(target.Limit)}";
            Console.WriteLine($"  {(target.IsReached ? "reached" : "missed "),-8} {target.What,-62} {Number(target.Value),8}  {limit}");
        }
    }

    /// <summary>Writes all figures as JSON.</summary>
    public async Task SaveAsync(string file)
    {
        var all = new
        {
            Time = DateTimeOffset.UtcNow,
            Smoke = smoke,
            Machine = new { Environment.ProcessorCount, Runtime = RuntimeInformation.FrameworkDescription, Os = RuntimeInformation.OSDescription },
            Rows = _rows,
            Ratios = _ratios,
            Targets = _targets,
        };
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(all, Indented));
        Console.WriteLine($"{Environment.NewLine}Written to {file}.");
    }

    private static string Number(double value) => value switch
    {
        >= 1000 => value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 100 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.000", CultureInfo.InvariantCulture),
    };

    private sealed record Row(string Scenario, string Name, IReadOnlyDictionary<string, double> Figures);

    private sealed record Earlier(IReadOnlyList<Ratio>? Ratios);

    private sealed record Ratio(string Scenario, string Name, double Value, Better Better)
    {
        public bool IsWorseThan(double before, double tolerance) =>
            !(Better is Better.Lower ? Value <= before * (1 + tolerance) : Value >= before / (1 + tolerance));
    }

    private sealed record Target(string What, double Value, double Limit, bool AtMost)
    {
        public bool IsReached => AtMost ? Value <= Limit : Value >= Limit;
    }
}

/// <summary>Which values of a ratio are better.</summary>
internal enum Better
{
    /// <summary>Lower ones.</summary>
    Lower,

    /// <summary>Higher ones.</summary>
    Higher,
}
