using System.Text.RegularExpressions;
using GenAI.Chats.V1;
using Microsoft.Extensions.Hosting;

namespace GenAI.Chats.Engine.Tools;

/// <summary>The tools of the host. Started with it, so that a tool that cannot be used stops the start.</summary>
internal sealed partial class ChatTools : IHostedService
{
    private const int DefaultRounds = 10;
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromDays(1);

    private readonly Dictionary<string, RegisteredTool> _tools = new(StringComparer.Ordinal);

    /// <exception cref="InvalidOperationException">A tool's name is none, or another one has it; or its options are wrong.</exception>
    public ChatTools(IEnumerable<RegisteredTool> tools)
    {
        foreach (var tool in tools)
        {
            Require(
                Name.IsMatch(tool.Name),
                $"The tool {tool.Tool.GetType()} is named '{tool.Name}'; a name is a letter or _, and at most 127 letters, digits, _, ., : and -.");
            Require(_tools.TryAdd(tool.Name, tool), $"Two tools are named {tool.Name}.");
            Require(
                tool.Options.Timeout > TimeSpan.Zero && tool.Options.Timeout <= MaxTimeout,
                $"The tool {tool.Name} has the timeout {tool.Options.Timeout}; it must be more than 0 and at most {MaxTimeout}.");
        }
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_.:\-]{0,127}\z")]
    private static partial Regex Name { get; }

    /// <summary>Finds which tools a turn asks for.</summary>
    /// <param name="config">The turn's config. It stays as it is.</param>
    /// <returns>Null when it asks for none.</returns>
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

        return new TurnTools(filled, selected, Rounds(config.AutomaticFunctionCalling));
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // A declaration that says more is a function of the client's own.
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

/// <summary>The tools that a turn asks for.</summary>
/// <param name="Config">The turn's config, the declarations of these tools filled in.</param>
/// <param name="Tools">The tools by their names.</param>
/// <param name="MaxRounds">How many answers of the model may be followed by runs of tools.</param>
internal sealed record TurnTools(GenerateContentConfig Config, IReadOnlyDictionary<string, RegisteredTool> Tools, int MaxRounds)
{
    /// <summary>The tool that a call is of; null for one of the client's. Arguments that come in pieces are the client's to put together.</summary>
    public RegisteredTool? Find(FunctionCall call) => call.WillContinue || call.PartialArgs.Count > 0 ? null : Tools.GetValueOrDefault(call.Name);
}
