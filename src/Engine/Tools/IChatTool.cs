using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Engine.Tools;

/// <summary>
/// A function of the host that models may call. The service runs the calls of chats that ask for it by name, and sends the model what it returned.
/// </summary>
/// <remarks>
/// <para>One instance serves all chats of a process, several calls at once; it is never called on a chat's own scheduler.</para>
/// <para><b>At least once.</b> What a call returned is stored before anything else is done, and from then on the call is never run again. A call whose
/// server was lost, or stopped, before that runs once more elsewhere, with the same <see cref="ChatToolCall.CallId"/> and the same arguments: whoever must
/// not do things twice remembers that id, or is registered with <see cref="ChatToolOptions.RunsAgain"/> off, for <b>at most once</b>.</para>
/// </remarks>
public interface IChatTool
{
    /// <summary>What models are told of the function: its name, what it does, its parameters. It is not changed once the host has started.</summary>
    FunctionDeclaration Declaration { get; }

    /// <summary>Runs a call.</summary>
    /// <param name="toolCall">Who calls, with which arguments. They are the model's: nobody has checked them against the parameters.</param>
    /// <param name="cancellationToken">
    /// The turn was cancelled, the server stops, or the time is over. The service does not wait for a tool that goes on; what it returns then is dropped.
    /// </param>
    /// <returns>
    /// What the model is sent, by convention with a member <c>output</c>. Objects and lists in it are nested less than 25 times.
    /// </returns>
    /// <exception cref="Exception">The call failed. The exception's message goes to the model, as <c>{"error": message}</c>, and with the history to clients: it
    /// must hold no secret. Nothing else of the exception leaves the server.</exception>
    ValueTask<Struct> InvokeAsync(ChatToolCall toolCall, CancellationToken cancellationToken);
}
