using System.Text.RegularExpressions;
using Microsoft.Extensions.Hosting;

namespace GenAI.Chats.Engine.Tools;

/// <summary>The server-side tools. A hosted service, so that an invalid tool stops the start of the host.</summary>
internal sealed partial class ChatTools : IHostedService
{
    private const int DefaultRounds = 10;
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromDays(1);

    private readonly Dictionary<string, RegisteredTool> _tools = new(StringComparer.Ordinal);
    private readonly ToolRunner _runner;
    private readonly int _maxConcurrentCalls;

    /// <exception cref="InvalidOperationException">A tool's name is invalid or a duplicate, or its options are invalid.</exception>
    public ChatTools(IEnumerable<RegisteredTool> tools, ToolRunner runner, IOptions<ChatsOptions> options)
    {
        _runner = runner;
        _maxConcurrentCalls = options.Value.MaxConcurrentToolCalls;
        foreach (var tool in tools)
        {
            Require(
                Name.IsMatch(tool.Name),
                $"Invalid tool name '{tool.Name}' ({tool.Tool.GetType()}): expected a letter or _, then at most 127 letters, digits, _, ., : or -.");
            Require(_tools.TryAdd(tool.Name, tool), $"Duplicate tool name '{tool.Name}'.");
            Require(
                tool.Options.Timeout > TimeSpan.Zero && tool.Options.Timeout <= MaxTimeout,
                $"Invalid timeout {tool.Options.Timeout} of tool '{tool.Name}': expected more than 0 and at most {MaxTimeout}.");
        }
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_.:\-]{0,127}\z")]
    private static partial Regex Name { get; }

    /// <summary>Returns the tools that a turn asks for. Null if there are none.</summary>
    /// <param name="config">The turn's config, which isn't changed.</param>
    public TurnTools? Select(GenerateContentConfig? config)
    {
        if (_tools.Count == 0 || config is null || !config.Tools.Any(t => t.FunctionDeclarations.Any(IsAskedFor)))
        {
            return null;
        }

        var filled = config.Clone();
        var selected = new Dictionary<string, RegisteredTool>(StringComparer.Ordinal);
        foreach (var declarations in filled.Tools.Select(t => t.FunctionDeclarations))
        {
            for (var i = 0; i < declarations.Count; i++)
            {
                if (IsAskedFor(declarations[i]))
                {
                    var tool = _tools[declarations[i].Name];
                    selected[tool.Name] = tool;
                    declarations[i] = tool.Tool.Declaration.Clone();
                }
            }
        }

        return new TurnTools(filled, selected, Rounds(config.AutomaticFunctionCalling), _maxConcurrentCalls, _runner);
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // A declaration with more than a name is a function of the client's own.
    private bool IsAskedFor(FunctionDeclaration declaration) =>
        declaration.Description.Length == 0
        && declaration.Parameters is null
        && declaration.ParametersJsonSchema is null
        && _tools.ContainsKey(declaration.Name);

    private static int Rounds(AutomaticFunctionCallingConfig? config) =>
        config is { Disable: true } ? 0
        : config is { HasMaximumRemoteCalls: true } ? Math.Max(0, config.MaximumRemoteCalls)
        : DefaultRounds;

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new InvalidOperationException(message);
        }
    }
}
