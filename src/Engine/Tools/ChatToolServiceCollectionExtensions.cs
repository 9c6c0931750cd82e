using GenAI.Chats.Engine.Tools;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Registers server-side tools: functions that models may call and the service runs. A chat asks for a tool in its config, with a function declaration that
/// has the tool's name and nothing else. The host checks the tools when it starts: each name is unique, and consists of letters, digits, <c>_</c>, <c>.</c>,
/// <c>:</c>, and <c>-</c>.
/// </summary>
public static class ChatToolServiceCollectionExtensions
{
    /// <summary>Adds a tool. The host creates one instance, and injects its services.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="options">How the tool is run. If null, the defaults apply.</param>
    public static IServiceCollection AddChatTool<TTool>(this IServiceCollection services, ChatToolOptions? options = null)
        where TTool : class, IChatTool
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddSingleton(
            provider => new RegisteredTool(ActivatorUtilities.GetServiceOrCreateInstance<TTool>(provider), options ?? new ChatToolOptions()));
    }

    /// <summary>Adds a tool.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="tool">The tool.</param>
    /// <param name="options">How the tool is run. If null, the defaults apply.</param>
    public static IServiceCollection AddChatTool(this IServiceCollection services, IChatTool tool, ChatToolOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(tool);
        return services.AddSingleton(new RegisteredTool(tool, options ?? new ChatToolOptions()));
    }

    /// <summary>Adds a tool that is a delegate. The rules of <see cref="IChatTool.InvokeAsync"/> apply to it.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="declaration">The function's declaration for models.</param>
    /// <param name="invoke">Runs a call.</param>
    /// <param name="options">How the tool is run. If null, the defaults apply.</param>
    public static IServiceCollection AddChatTool(
        this IServiceCollection services,
        FunctionDeclaration declaration,
        Func<ChatToolCall, CancellationToken, ValueTask<Struct>> invoke,
        ChatToolOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(declaration);
        ArgumentNullException.ThrowIfNull(invoke);
        return services.AddChatTool(new DelegateTool(declaration, invoke), options);
    }
}
