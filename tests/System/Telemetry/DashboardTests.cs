using System.Text.Json;
using System.Text.RegularExpressions;
using GenAI.Chats.SystemTests.Support;

namespace GenAI.Chats.SystemTests.Telemetry;

/// <summary>The Grafana dashboard and the alert rules query existing metrics, by their Prometheus names.</summary>
public sealed partial class DashboardTests
{
    private static readonly HashSet<string> Words = ["sum", "min", "max", "by", "le", "rate", "increase", "histogram_quantile", "label_values", "job"];

    [Fact]
    public void Dashboard_Queries_UseDocumentedMetricsAndLabels() => AssertUseDocumented([.. Queries()]);

    [Fact]
    public void Alerts_Expressions_UseDocumentedMetricsAndLabels()
    {
        var text = File.ReadAllText(Repository.PathTo("deploy/prometheus/alerts.yaml"));
        var expressions = Expression.Matches(text).Select(static match => match.Groups["text"].Value).ToList();

        Assert.Equal(text.Split("- alert:").Length - 1, expressions.Count);
        AssertUseDocumented(expressions);
    }

    private static void AssertUseDocumented(IReadOnlyList<string> queries)
    {
        var documented = MetricsDocument.Read();
        var series = documented.SelectMany(metric => metric.Series).ToHashSet();
        var labels = documented.SelectMany(metric => metric.Attributes).Select(name => name.Replace('.', '_')).Append("instance").ToHashSet();

        Assert.NotEmpty(queries);
        Assert.All(queries, query => Assert.All(Names(query), name => Assert.True(series.Contains(name) || labels.Contains(name), $"{name} in {query}")));
        Assert.All(queries, query => Assert.Contains(Names(query), series.Contains));
    }

    [Fact]
    public void Dashboard_EachDocumentedMetric_IsShown()
    {
        var shown = Queries().SelectMany(Names).ToHashSet();

        Assert.All(MetricsDocument.Read(), metric => Assert.Contains(metric.Series, shown.Contains));
    }

    private static IEnumerable<string> Names(string query) => Name.Matches(Quoted.Replace(query, "")).Select(match => match.Value).Where(name => !Words.Contains(name));

    private static IEnumerable<string> Queries()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Repository.PathTo("deploy/grafana/dashboard.json")));
        return
        [
            .. from panel in dashboard.RootElement.GetProperty("panels").EnumerateArray()
               where panel.TryGetProperty("targets", out _)
               from target in panel.GetProperty("targets").EnumerateArray()
               select target.GetProperty("expr").GetString(),
        ];
    }

    // Quoted text, variables, and numbers.
    [GeneratedRegex("\"[^\"]*\"|\\[[0-9]+m\\]|\\$[a-z_]+|\\b[0-9.]+\\b")]
    private static partial Regex Quoted { get; }

    [GeneratedRegex("[a-z_]+")]
    private static partial Regex Name { get; }

    // To the next key of the rule.
    [GeneratedRegex("expr:(?<text>.*?)\\n +[a-z]+:", RegexOptions.Singleline)]
    private static partial Regex Expression { get; }
}
