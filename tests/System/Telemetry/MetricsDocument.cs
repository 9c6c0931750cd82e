using GenAI.Chats.SystemTests.Support;

namespace GenAI.Chats.SystemTests.Telemetry;

/// <summary>A row of the table of metrics in docs/reference/telemetry.md.</summary>
internal sealed record MetricsDocument(string Name, string Type, string Unit, IReadOnlyList<string> Attributes)
{
    private const string Heading = "| Metric | Type | Unit | Attributes | Description |";

    /// <summary>Its name in Prometheus. For a histogram, without the suffixes of its series.</summary>
    public string Prometheus => Name.Replace('.', '_') + (Unit == "s" ? "_seconds" : "") + (Type == "counter" ? "_total" : "");

    /// <summary>The names of its series in Prometheus.</summary>
    public IEnumerable<string> Series => Type == "histogram" ? [$"{Prometheus}_bucket", $"{Prometheus}_sum", $"{Prometheus}_count"] : [Prometheus];

    /// <summary>Reads the table.</summary>
    public static IReadOnlyList<MetricsDocument> Read() =>
    [
        .. File.ReadLines(Repository.PathTo("docs/reference/telemetry.md"))
            .SkipWhile(line => line != Heading)
            .Skip(2)
            .TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => new MetricsDocument(Plain(cells[1]), cells[2], cells[3], [.. cells[4].Split(", ").Select(Plain).Where(name => name.Length > 0)])),
    ];

    private static string Plain(string cell) => cell.Trim('`', ' ');
}
