using GenAI.Chats.Engine.Tools;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Registration of functions that models may call and the service runs. A chat asks for one in its config, with a function declaration that has the tool's name
/// and nothing else. The tools are checked when the host starts: each has a name of its own, of letters, digits, <c>_</c>, <c>.</c>, <c>:</c> and <c>-</c>.
/// </summary>
public static class ChatToolServiceCollectionExtensions
{
    /// <summary>Adds a tool, which is made once and gets its own services from the host.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="options">How it is run; null: with the defaults.</param>
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
    /// <param name="options">How it is run; null: with the defaults.</param>
    public static IServiceCollection AddChatTool(this IServiceCollection services, IChatTool tool, ChatToolOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(tool);
        return services.AddSingleton(new RegisteredTool(tool, options ?? new ChatToolOptions()));
    }

    /// <summary>Adds a tool that is a delegate. What holds for <see cref="IChatTool.InvokeAsync"/> holds for it.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="declaration">What models are told of the function.</param>
    /// <param name="invoke">Runs a call.</param>
    /// <param name="options">How it is run; null: with the defaults.</param>
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
