using GenAI.Chats.Bench;
using GenAI.Chats.Bench.Baseline;
using GenAI.Chats.Bench.Load;
using GenAI.Chats.Bench.Reporting;
using GenAI.Chats.Bench.Scenarios;

if (args is ["echo-server"])
{
    EchoServer.Run();
    return 0;
}

IScenario[] scenarios = [new TurnRates(), new LongChat(), new Branches(), new IdleChats(), new Watchers(), new Memory(), new PostgresTurns(), new ClusterTurns(), new HeldStreams(), new PeerTurns()];
BenchOptions options;
try
{
    options = BenchOptions.Parse(args);
    if (options.Only.FirstOrDefault(name => scenarios.All(s => s.Name != name)) is { } unknown)
    {
        throw new ArgumentException($"There is no scenario '{unknown}'.");
    }
}
catch (ArgumentException wrong)
{
    await Console.Error.WriteLineAsync($"{wrong.Message}{Environment.NewLine}{BenchOptions.Usage}");
    return 2;
}

var report = new Report(options.Smoke);
using var data = new DataDirectory();
var bench = new BenchRun(options.Smoke, options.Chats, options.Peers, Servers.FromEnvironment(data), report);
foreach (var scenario in scenarios.Where(s => options.Only.Count == 0 || options.Only.Contains(s.Name)))
{
    report.Begin(scenario.Name, scenario.About);
    await scenario.RunAsync(bench);
}

report.PrintTargets();
if (options.Json is { } file)
{
    await report.SaveAsync(file);
}

return options.Check is null || await report.CheckAsync(options.Check, options.Tolerance) ? 0 : 1;
