namespace System.Runtime.CompilerServices;

/// <summary>The runtime knows it by its name: the assembly that carries it may use the named one's internals.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
{
    public string AssemblyName { get; } = assemblyName;
}
