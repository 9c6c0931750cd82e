namespace GenAI.Chats.Engine.Tools;

/// <summary>
/// A server-side tool: a function that models may call and the service runs. The service runs the calls of chats that ask for the tool by name, and sends
/// its results to the model.
/// </summary>
/// <remarks>
/// <para>One instance serves all chats of a process. It can get several calls at once, and is never called on a chat's own scheduler.</para>
/// <para><b>At least once.</b> A call's result is stored before anything else is done, and then the call never runs again. If the server fails or stops
/// before that, another server runs the call again, with the same <see cref="ChatToolCall.CallId"/> and the same arguments. A tool that must not do things
/// twice remembers the ID, or is registered with <see cref="ChatToolOptions.RunsAgain"/> off, for <b>at most once</b>.</para>
/// </remarks>
public interface IChatTool
{
    /// <summary>Gets the function's declaration for models: its name, description, and parameters. It must not change after the host has started.</summary>
    FunctionDeclaration Declaration { get; }

    /// <summary>Runs a call.</summary>
    /// <param name="toolCall">The call. The arguments come from the model, and aren't checked against the parameters.</param>
    /// <param name="cancellationToken">
    /// A token that is canceled when the turn is canceled, the server stops, or the call times out. The service doesn't wait for a tool that continues, and
    /// drops its result.
    /// </param>
    /// <returns>
    /// The result for the model, by convention with a member <c>output</c>. Its objects and lists are nested less than 25 times.
    /// </returns>
    /// <exception cref="Exception">The call failed. The exception's message goes to the model, as <c>{"error": message}</c>, and with the history to clients: it
    /// must not contain secrets. Nothing else of the exception leaves the server.</exception>
    ValueTask<Struct> InvokeAsync(ChatToolCall toolCall, CancellationToken cancellationToken);
}
