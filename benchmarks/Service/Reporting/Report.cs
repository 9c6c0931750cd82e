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

    private sealed record Target(string What, double Value, double Limit, bool AtMost)
    {
        public bool IsReached => AtMost ? Value <= Limit : Value >= Limit;
    }
}
